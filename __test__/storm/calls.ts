// The calls of the storm: every way to use a pool, each with the check of what it may give while workers die.
import type { Pool } from 'manyhands';
import { note, type Executions } from './executions.ts';
import type { Random } from './random.ts';

/** What came of the calls. */
export class Tally {
  calls = 0;
  fulfilled = 0;
  died = 0;
  readonly wrong: string[] = [];
  /** Tasks that ran more often than they may, and those that gave a value without a run. */
  readonly executions: string[] = [];
  readonly #limits: { readonly first: number; readonly count: number; readonly most: number; value: boolean }[] = [];

  /** Notes that tasks `first` and following may each run at most `most` times; returns what to call with their end. */
  expectRuns(first: number, count: number, most: number): () => void {
    const limit = { first, count, most, value: false };
    this.#limits.push(limit);
    return () => {
      limit.value = true;
    };
  }

  checkRuns(counts: Uint8Array): void {
    for (const { first, count, most, value } of this.#limits) {
      for (let id = first; id < first + count; id++) {
        const runs = counts[id]!;
        if (runs > most) this.executions.push(`task ${id} ran ${runs} times, at most ${most} allowed`);
        if (value && runs === 0) this.executions.push(`task ${id} gave a value without a run`);
      }
    }
  }

  /** A call may only fail because its worker died. */
  failed(what: string, error: unknown): void {
    const { code, message } = error as { code?: unknown; message?: unknown };
    // A pool that has given up would refuse every further call with the same code.
    if (code === 'ERR_WORKER_DIED' && !String(message).includes('cannot start')) this.died++;
    else this.wrong.push(`${what}: ${String(error)}`);
  }

  check(what: string, right: boolean): void {
    this.fulfilled++;
    if (!right) this.wrong.push(`${what}: wrong value`);
  }
}

export interface Scene {
  readonly pool: Pool;
  readonly executions: Executions;
  readonly tally: Tally;
  readonly random: Random;
  readonly retries: number;
}

type Call = (scene: Scene) => Promise<void>;

const LARGE_BYTES = 200_000;

async function apply({ pool, executions: { path }, ...scene }: Scene & { first: number; ran: () => void }) {
  const { first, tally, retries } = scene;
  const task = (id: number): object => {
    note(path, id);
    return { id, text: `task ${id}`, list: [id, id + 1] };
  };
  const value = (await pool.apply(task, [first], { retries })) as { id: number; text: string; list: number[] };
  scene.ran();
  tally.check('apply', value.id === first && value.text === `task ${first}` && value.list[1] === first + 1);
}

/** Wraps a call: reserves numbers for its tasks and settles the account. */
function call(name: string, count: number, run: (scene: Scene & { first: number; ran: () => void }) => Promise<void>) {
  return async (scene: Scene): Promise<void> => {
    const first = scene.executions.reserve(count);
    const ran = scene.tally.expectRuns(first, count, 1 + scene.retries);
    scene.tally.calls++;
    try {
      await run({ ...scene, first, ran });
    } catch (error) {
      scene.tally.failed(name, error);
    }
  };
}

const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

export const CALLS: Readonly<Record<string, Call>> = {
  apply: call('apply', 1, apply),

  applyAsync: call('applyAsync', 1, async ({ pool, executions: { path }, tally, first, ran, retries }) => {
    let callbacks = 0;
    const task = (id: number): number => {
      note(path, id);
      return id;
    };
    const result = pool.applyAsync(task, [first], {
      retries,
      callback: () => void callbacks++,
      errorCallback: () => void callbacks++,
    });
    const value = await result.get().finally(() => {
      if (callbacks !== 1) tally.wrong.push(`applyAsync: ${callbacks} callbacks`);
    });
    ran();
    tally.check('applyAsync', value === first);
  }),

  largeResult: call('large result', 1, async ({ pool, executions: { path }, tally, first, ran, retries }) => {
    const task = (id: number, bytes: number): Uint8Array => {
      note(path, id);
      return new Uint8Array(bytes).fill(id);
    };
    const value = await pool.apply(task, [first, LARGE_BYTES], { retries });
    ran();
    tally.check('large result', value.length === LARGE_BYTES && value.every((byte) => byte === (first & 255)));
  }),

  largeArgument: call('large argument', 1, async ({ pool, executions: { path }, tally, first, ran, retries }) => {
    const task = (id: number, bytes: Uint8Array): boolean => {
      note(path, id);
      return bytes.every((byte) => byte === (id & 255));
    };
    const bytes = new Uint8Array(LARGE_BYTES).fill(first);
    const value = await pool.apply(task, [first, bytes], { retries });
    ran();
    tally.check('large argument', value && bytes[0] === (first & 255));
  }),

  asynchronous: call('asynchronous', 1, async ({ pool, executions: { path }, tally, first, ran, retries }) => {
    const task = async (id: number): Promise<number> => {
      note(path, id);
      await new Promise((resolve) => setTimeout(resolve, 1));
      return -id;
    };
    const value = await pool.apply(task, [first], { retries });
    ran();
    tally.check('asynchronous', value === -first);
  }),

  busy: call('busy', 1, async ({ pool, executions: { path }, tally, first, ran, retries }) => {
    const task = (id: number): number => {
      note(path, id);
      let x = id;
      for (let i = 0; i < 300_000; i++) x = (x * 16_807) % 2_147_483_647;
      return x === -1 ? x : id;
    };
    const value = await pool.apply(task, [first], { retries });
    ran();
    tally.check('busy', value === first);
  }),

  map: call('map', 200, async ({ pool, executions: { path }, tally, first, ran, retries, random }) => {
    const task = (id: number): string => {
      note(path, id);
      return `item ${id}`;
    };
    const ids = range(first, 200);
    const values = await pool.map(task, ids, { retries, chunksize: 1 + random.below(40) });
    ran();
    tally.check('map', values.length === 200 && values.every((value, i) => value === `item ${first + i}`));
  }),

  starmap: call('starmap', 20, async ({ pool, executions: { path }, tally, first, ran, retries }) => {
    const task = (id: number, object: { plus: number }): number => {
      note(path, id);
      return id + object.plus;
    };
    const items = range(first, 20).map((id): [number, { plus: number }] => [id, { plus: 5 }]);
    const values = await pool.starmap(task, items, { retries });
    ran();
    tally.check('starmap', values.length === 20 && values.every((value, i) => value === first + i + 5));
  }),

  typed: call('typed map', 300, async ({ pool, executions: { path }, tally, first, ran, retries }) => {
    const task = (x: number): number => {
      note(path, x);
      return x / 2;
    };
    const values = await pool.map(task, Float64Array.from(range(first, 300)), { retries, chunksize: 50 });
    ran();
    tally.check('typed map', values.length === 300 && values.every((value, i) => value === (first + i) / 2));
  }),

  imap: call('imap', 30, async (scene) => iterate(scene, true)),
  imapUnordered: call('imapUnordered', 30, async (scene) => iterate(scene, false)),
};

/** Each item gives its value or dies for itself; ordered results come in order. */
async function iterate(scene: Scene & { first: number; ran: () => void }, ordered: boolean): Promise<void> {
  const { pool, executions, tally, first, retries, random } = scene;
  const { path } = executions;
  const task = (id: number): number => {
    note(path, id);
    return id * 3;
  };
  const options = { retries, chunksize: 1 + random.below(4), buffersize: 16 };
  const source = range(first, 30);
  const results = ordered ? pool.imap(task, source, options) : pool.imapUnordered(task, source, options);
  const seen = new Set<number>();
  let ended = 0;
  for (;;) {
    try {
      const { done, value } = await results.next();
      if (done === true) break;
      const right = ordered ? value === (first + ended) * 3 : !seen.has(value) && source.includes(value / 3);
      seen.add(value as number);
      if (!right) tally.wrong.push(`imap: item ${ended} is ${String(value)}`);
    } catch (error) {
      tally.failed('imap', error);
    }
    ended++;
  }
  tally.check('imap', ended === 30);
}
