// What the standard input, output and error of a child are, by its option `stdio`.
import type { StdioOptions } from 'node:child_process';

export type Stream = Exclude<StdioOptions, string>[number];

// Console output goes straight to the parent's descriptors, so that it is complete before a result arrives.
const OWN_STREAMS: readonly Stream[] = ['ignore', 'inherit', 'inherit'];

/** The three streams, spelled out. */
export function standardStreams(stdio: StdioOptions | undefined): readonly Stream[] {
  if (stdio === undefined) return OWN_STREAMS;
  return [0, 1, 2].map((fd) => (typeof stdio === 'string' ? stdio : (stdio[fd] ?? 'pipe')));
}
