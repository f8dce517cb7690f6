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
const FRAME = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):\d+\)?$/;
/** Deeper callers seldom hold the function, and each file has to be read. */
const MOST_FILES = 4;

/** A guess that serves stack traces only. */
export function placeAmongCallers(text: string): SeenPlace | undefined {
  const looked = new Set<string>();
  for (const frame of (new Error('looks at its callers').stack ?? '').split('\n')) {
    const [, url, line] = FRAME.exec(frame) ?? [];
    if (url === undefined || url.startsWith(OWN) || looked.has(url)) continue;
    looked.add(url);
    if (looked.size > MOST_FILES) return undefined;
    const file = sourceFile(url, url.startsWith('file:'));
    const start = file === null ? -1 : file.nearest(text, Number(line) - 1);
    if (file !== null && start !== -1) return { url, file, start };
  }
  return undefined;
}
