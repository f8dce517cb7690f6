// Checks the option `stdio` of a Process.
import type { StdioOptions } from 'node:child_process';
import { outOfRange, wrongType } from '../validate.js';
import type { Stream } from '../worker/standard-streams.js';

const WORDS = new Set<unknown>(['pipe', 'ignore', 'inherit']);
const WORD = "'pipe', 'ignore' or 'inherit'";

/** Throws TypeError or RangeError for what `child_process.spawn` would not take, or would take for a fourth stream. */
export function checkStdio(stdio: unknown): asserts stdio is StdioOptions | undefined {
  if (stdio === undefined) return;
  const must = `${WORD}, or an array of up to three of them`;
  if (typeof stdio === 'string') {
    if (!WORDS.has(stdio)) throw outOfRange('stdio', must, stdio);
    return;
  }
  if (!Array.isArray(stdio)) throw wrongType('stdio', must, stdio);
  if (stdio.length > 3) throw outOfRange('stdio', must, stdio);
  for (const [fd, stream] of stdio.entries()) {
    const one = `${WORD}, a descriptor or a stream`;
    if (typeof stream === 'string' && !WORDS.has(stream)) throw outOfRange(`stdio[${fd}]`, one, stream);
    if (typeof stream === 'number' && !(Number.isInteger(stream) && stream >= 0))
      throw outOfRange(`stdio[${fd}]`, one, stream);
    if (!['string', 'number', 'object', 'undefined'].includes(typeof stream))
      throw wrongType(`stdio[${fd}]`, one, stream);
  }
}

/** What becomes of what a thread prints. Throws TypeError for what only a process can have. */
export function outputOfThread(streams: readonly Stream[]): { own: (1 | 2)[]; silent: (1 | 2)[] } {
  const own: (1 | 2)[] = [];
  const silent: (1 | 2)[] = [];
  for (const fd of [1, 2] as const) {
    const stream = streams[fd];
    if (stream === 'inherit' || stream === fd) own.push(fd);
    else if (stream === 'ignore') silent.push(fd);
    else if (stream !== 'pipe') throw wrongType(`stdio[${fd}]`, `${WORD} for a thread`, stream);
  }
  return { own, silent };
}
