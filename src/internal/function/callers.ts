// Finds where a function without captures was written, without the inspector: its text stands in the file of a caller.
import { join } from 'node:path';
import { type SourceFile, sourceFile } from './source-file.js';

export interface SeenPlace {
  readonly url: string;
  readonly file: SourceFile;
  readonly start: number;
}

/** Where all code of this library lies. */
const OWN = join(__dirname, '..', '..');
const FILE = /^(?:file:\/\/|\/|[A-Za-z]:\\)/;
/** Frames to look at; from a pool's method down to here it is a dozen of our own. */
const MOST_FRAMES = 40;
/** Deeper callers seldom hold the function, and each file has to be read. */
const MOST_FILES = 4;

/** A guess that serves stack traces only. */
export function placeAmongCallers(text: string): SeenPlace | undefined {
  const looked = new Set<string>();
  for (const frame of callers()) {
    const url = frame.getFileName();
    if (url === null || url === undefined || !FILE.test(url) || url.startsWith(OWN) || looked.has(url)) continue;
    looked.add(url);
    if (looked.size > MOST_FILES) return undefined;
    const file = sourceFile(url, url.startsWith('file:'));
    const start = file === null ? -1 : file.nearest(text, (frame.getLineNumber() ?? 1) - 1);
    if (file !== null && start !== -1) return { url, file, start };
  }
  return undefined;
}

/** Who calls, innermost first: not as text, for which V8 parses each of their functions again to know the lines. */
function callers(): readonly NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = MOST_FRAMES;
    Error.prepareStackTrace = (_, frames) => frames;
    const frames: unknown = new Error().stack;
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
    return Array.isArray(frames) ? (frames as NodeJS.CallSite[]) : [];
  } catch {
    // A program may freeze what the language brings.
    return [];
  }
}
