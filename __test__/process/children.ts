// What the tests of Process share: both start methods, and what a child prints.
import { getContext, type Process, type ProcessOptions } from 'manyhands';

export const methods = ['spawn', 'thread'] as const;
export type Method = (typeof methods)[number];

export interface Ran {
  readonly exitcode: number | null;
  readonly out: string;
  readonly err: string;
}

/** Starts a child with piped output and waits for its end. */
export async function run(method: Method, options: ProcessOptions): Promise<Ran> {
  const { Process } = getContext(method);
  return finish(new Process({ stdio: 'pipe', ...options }));
}

/** Starts a process that was made with piped output and waits for its end. */
export async function finish(child: Process): Promise<Ran> {
  await child.start();
  const text = { out: '', err: '' };
  const ends = (['stdout', 'stderr'] as const).map(async (name) => {
    const stream = child[name];
    if (stream === null) return;
    for await (const chunk of stream) text[name === 'stdout' ? 'out' : 'err'] += String(chunk);
  });
  const exitcode = await child.join();
  await Promise.all(ends);
  return { exitcode, ...text };
}
