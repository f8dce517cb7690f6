// What a test may leave behind, and how to look for it: children, descriptors, segments, timers, blocks, entries.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';
import { Pool, ThreadPool } from 'manyhands';
import { openDescriptors } from '../descriptors.ts';
import { addon } from './addon.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Snapshot {
  /** What each open descriptor is. */
  readonly descriptors: readonly string[];
  readonly children: readonly number[];
  readonly segments: readonly string[];
  readonly resources: Readonly<Record<string, number>>;
}

/** Parent and state of a process; undefined when it is gone. */
export function processState(pid: number): { readonly parent: number; readonly state: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(parent), state: state ?? '?' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

/** Processes whose parent is `pid`, zombies included. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((other) => other > 0 && processState(other)?.parent === pid);
}

function snapshot(): Snapshot {
  const resources: Record<string, number> = {};
  for (const resource of process.getActiveResourcesInfo()) resources[resource] = (resources[resource] ?? 0) + 1;
  return {
    descriptors: openDescriptors(),
    children: childrenOf(process.pid),
    segments: readdirSync('/dev/shm').filter((name) => name.includes('manyhands')),
    resources,
  };
}

/** Takes part once, so that what stays for the life of the process is there, and notes what there is. */
export async function before(warmUp: () => Promise<unknown>): Promise<Snapshot> {
  await warmUp();
  await settle();
  return snapshot();
}

/** The same for pools of both kinds. */
export function beforePools(): Promise<Snapshot> {
  return before(async () => {
    await using threads = new ThreadPool(1);
    await using processes = new Pool(1);
    await Promise.all([threads.apply(() => 1), processes.apply(() => 1)]);
  });
}

/** Fails unless everything is as it was. Waits for garbage collection, which gives memory under views back. */
export async function expectNothingLeft(earlier: Snapshot): Promise<void> {
  await settle();
  expect(addon().stats()).toMatchObject({ participants: 1, queues: 0, objects: 0, blocks: 0 });
  const now = snapshot();
  expect(now.children).toEqual(earlier.children);
  expect(now.segments).toEqual(earlier.segments);
  const fresh = now.descriptors.filter((one) => !earlier.descriptors.includes(one));
  expect(now.descriptors.length, `new: ${fresh.join(', ')}`).toBeLessThanOrEqual(earlier.descriptors.length);
  for (const kind of ['ProcessWrap', 'MessagePort', 'PipeWrap', 'Worker'])
    expect([kind, now.resources[kind] ?? 0]).toEqual([kind, earlier.resources[kind] ?? 0]);
  const timers = (): number => snapshot().resources['Timeout'] ?? 0;
  // Vitest has timers of its own, which come and go; one of ours would stay.
  for (let i = 0; i < 100 && timers() > (earlier.resources['Timeout'] ?? 0); i++) await pause(10);
  expect(timers()).toBeLessThanOrEqual(earlier.resources['Timeout'] ?? 0);
}

async function settle(): Promise<void> {
  // Views are collected in two passes, the second one in a task of its own; a leak ends this loop by its count.
  for (let i = 0; i < 50; i++) {
    collectGarbage();
    await pause(2);
    const { blocks, objects } = addon().stats();
    if (blocks === 0 && objects === 0) return;
  }
}
