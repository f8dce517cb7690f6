// Messages between a pool and its workers are lost or changed on the way: every call settles, and the pool ends.
//
// The pool's own side of the channel is replaced, so that exactly one message is hit; `flips.test.ts` hits any.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Pool, ThreadPool } from 'manyhands';
import { arena as arenaOf, HEADER } from '../../dist/internal/memory/arena.js';
import { PROBE_WORD, TO_POOL, TO_WORKER } from '../../src/internal/engine/messages.ts';
import { beforePools, expectNothingLeft } from './leftovers.ts';

const memory = arenaOf();
const { native } = memory;
const { put, take } = native;
const kindOf = (block: number): number => memory.word(block, HEADER.KIND);

let start: Awaited<ReturnType<typeof beforePools>>;
beforeEach(async () => {
  start = await beforePools();
});
afterEach(async () => {
  Object.assign(native, { put, take });
  await expectNothingLeft(start);
});

/** The next so many messages of this kind do not reach their workers. */
function lose(kind: number, count: number): void {
  let lost = 0;
  native.put = (queue, block) => {
    if (lost === count || kindOf(block) !== kind) return put(queue, block);
    lost++;
    return 1;
  };
}

/** `hit` sees every message that a worker has sent, before its pool does; the pool gets none for which it gives true. */
function onTake(hit: (block: number) => boolean | void): void {
  native.take = (queue) => {
    for (;;) {
      const block = take(queue);
      if (block === 0 || hit(block) !== true) return block;
      native.free(block);
    }
  };
}

describe.each([
  ['thread', ThreadPool, (): unknown => process.exit(9)],
  ['process', Pool, (): unknown => process.kill(process.pid, 'SIGKILL')],
] as const)('a %s', (_, Workers, die) => {
  test('that has never got its task is found out, and another runs it', async () => {
    await using pool = new Workers(2);
    await pool.map((x) => x, [1, 2]);
    lose(TO_WORKER.BATCH, 1);
    expect(await pool.apply(() => 1)).toBe(1);
    expect(await pool.map((x) => x, [1, 2, 3])).toEqual([1, 2, 3]);
  });

  test('is found out although its answer has another number', async () => {
    const pool = new Workers(1);
    await pool.apply(() => 1);
    lose(TO_WORKER.BATCH, 1);
    onTake((block) => {
      if (kindOf(block) !== TO_POOL.PROBED) return;
      memory.setWord(block, PROBE_WORD.NUMBER, memory.word(block, PROBE_WORD.NUMBER) ^ 64);
    });
    await expect(pool.apply(() => 1)).rejects.toMatchObject({ code: 'ERR_CODEC' });
    await pool.terminate();
  });

  test("is found out although its answer has another's name", async () => {
    const senders: number[] = [];
    onTake((block) => {
      if (kindOf(block) === TO_POOL.READY) senders.push(memory.word(block, HEADER.SENDER));
    });
    const pool = await Workers.create(2);
    await pool.map((x) => x, [1, 2]);
    // It is taken back from the one and given to the other.
    lose(TO_WORKER.BATCH, 2);
    onTake((block) => {
      if (kindOf(block) !== TO_POOL.PROBED) return;
      memory.setWord(
        block,
        HEADER.SENDER,
        memory.word(block, HEADER.SENDER) === senders[0] ? senders[1]! : senders[0]!,
      );
    });
    await expect(pool.apply(() => 1)).rejects.toMatchObject({ code: 'ERR_CODEC' });
    await pool.terminate();
  });

  test('that has not said that it is ready is replaced', async () => {
    let ready = 0;
    onTake((block) => kindOf(block) === TO_POOL.READY && ready++ === 0);
    await using pool = new Workers(1);
    await expect(pool.apply(() => 1)).rejects.toMatchObject({ code: 'ERR_CODEC' });
    expect(await pool.apply(() => 2)).toBe(2);
    expect(ready).toBe(2);
  });

  test('that dies after a reply which never came costs that batch alone', async () => {
    await using pool = new Workers(1);
    const task = (x: number): unknown => (x === 3 ? die() : x === 0 ? 'long '.repeat(50_000) : x);
    // Known to be short, so that many go together.
    await pool.map(task, Array<number>(2000).fill(1), { chunksize: 1 });
    let lost = 0;
    onTake((block) => kindOf(block) === TO_POOL.REPLY && lost++ === 0);
    const calls = Array.from({ length: 20 }, (__, x) => pool.apply(task, [x]));
    const ends = await Promise.allSettled(calls);
    expect(lost).toBe(1);
    expect(ends[0]).toMatchObject({ status: 'rejected', reason: { code: 'ERR_CODEC' } });
    expect(ends[19]).toEqual({ status: 'fulfilled', value: 19 });
  });

  test('that dies of a batch of which it cannot tell what has run costs that batch alone', async () => {
    await using pool = new Workers(1);
    const task = (x: number): number => x;
    await pool.map(task, Array<number>(2000).fill(1), { chunksize: 1 });
    let changed = 0;
    native.put = (queue, block) => {
      const { u32 } = memory.segmentOf(block);
      const batch = (memory.offsetOf(block) + memory.headerBytes) / 4;
      // Its first word says how many tasks were started, and how many there are.
      if (changed === 0 && kindOf(block) === TO_WORKER.BATCH && u32[batch]! > 5) {
        changed = u32[batch]!;
        u32[batch]! += 3 << 16;
      }
      return put(queue, block);
    };
    let ends: PromiseSettledResult<number>[] = [];
    // On a busy machine they seem to take longer, and go alone at first.
    while (changed === 0) ends = await Promise.allSettled(Array.from({ length: 20 }, (__, x) => pool.apply(task, [x])));
    // Three of the batch seem to have run; the others may have been taken back before that was seen.
    const refused = ends.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThanOrEqual(3);
    for (const end of refused) expect(end).toMatchObject({ reason: { code: 'ERR_CODEC' } });
    expect(await pool.apply(task, [19])).toBe(19);
  });

  test('that says twice that it is ready is not believed', async () => {
    let sender = 0;
    onTake((block) => {
      if (kindOf(block) === TO_POOL.READY) sender = memory.word(block, HEADER.SENDER);
    });
    const pool = new Workers(1);
    await pool.apply(() => 1);
    onTake((block) => {
      if (kindOf(block) !== TO_POOL.PROGRESS) return;
      memory.setWord(block, HEADER.KIND, TO_POOL.READY);
      memory.setWord(block, HEADER.SENDER, sender);
    });
    await expect(Promise.all([pool.apply(() => 1), pool.apply(() => 2)])).rejects.toMatchObject({ code: 'ERR_CODEC' });
    await pool.terminate();
  });
});
