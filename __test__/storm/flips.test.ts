// Words of batches, frames, replies and block headers are changed at random while pools run: every call settles, every pool ends.
//
// What a call gives is not checked, because a changed argument is as good as another one. A program that changes memory
// of the arena can lose blocks, though not more of them than it has changed.
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Pool, ThreadPool } from 'manyhands';
import { arena as arenaOf } from '../../dist/internal/memory/arena.js';
import { addon } from './addon.ts';
import { childrenOf } from './leftovers.ts';
import { randomFrom, seed } from './random.ts';
import { scale } from './scale.ts';

const ROUNDS = 5 * scale;
const HEADER_WORDS = 16;
const PAYLOAD_WORDS = 64;
const GRANULES = 1 << 16;

const random = randomFrom(seed);
const memory = arenaOf();

/** The blocks that somebody owns, in the first segment, where everything but the largest data lies. */
function blocks(): number[] {
  const found: number[] = [];
  for (let handle = 0; handle < GRANULES; handle++) if (memory.native.owner(handle) !== 0) found.push(handle);
  return found;
}

/** Changes one bit, or a whole word, of the header or of the first words of the payload. */
function damage(block: number): void {
  const { u32 } = memory.segmentOf(block);
  const index = random.below(random.below(2) === 0 ? HEADER_WORDS : HEADER_WORDS + PAYLOAD_WORDS);
  const at = memory.offsetOf(block) / 4 + index;
  if (at >= u32.length) return;
  u32[at] = random.below(4) === 0 ? random.below(2 ** 32) : u32[at]! ^ (1 << random.below(32));
}

function calls(pool: Pool): Promise<unknown>[] {
  const made: Promise<unknown>[] = [];
  for (let i = 0; i < 30; i++) {
    made.push(
      pool.apply((x) => ({ x, text: `task ${x}` }), [i], { retries: i % 3 }),
      pool.map((x) => x * 2, [1, 2, 3, 4, 5, 6], { chunksize: 2 }),
    );
    if (i % 5 === 0) {
      made.push(
        pool.apply((bytes) => bytes.length, [new Uint8Array(200_000)]),
        pool.apply((n) => new Uint8Array(n), [200_000]),
        pool.apply((text) => text + text, ['x'.repeat(8000)]),
        pool.map((x) => x / 2, new Float64Array(1000)),
        pool.apply(
          async (x) => {
            await new Promise((resolve) => setTimeout(resolve, 1));
            return x;
          },
          [i],
        ),
      );
    }
  }
  return made;
}

test.each([
  ['threads', ThreadPool],
  ['processes', Pool],
])(
  `${ROUNDS} pools of %s settle every call and end, SEED=${seed}`,
  { timeout: 60_000 + ROUNDS * 5000 },
  async (_, Workers) => {
    let flips = 0;
    let fulfilled = 0;
    const errors = new Map<string, number>();
    await new Workers(1).terminate();
    for (let round = 0; round < ROUNDS; round++) {
      const pool = new Workers(2);
      pool.on('error', () => undefined);
      const ends: Promise<void>[] = [];
      for (let wave = 0; wave < 4; wave++) {
        try {
          for (const call of calls(pool)) {
            ends.push(
              call.then(
                () => void fulfilled++,
                (error: { code?: string; name: string }) => {
                  const kind = error.code ?? error.name;
                  errors.set(kind, (errors.get(kind) ?? 0) + 1);
                },
              ),
            );
          }
        } catch (error) {
          // The pool has failed by now.
          expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_/) as unknown });
        }
        for (let turn = 0; turn < 6; turn++) {
          await new Promise((resolve) => setImmediate(resolve));
          for (const block of blocks()) {
            if (random.below(6) !== 0) continue;
            damage(block);
            flips++;
          }
        }
      }
      await Promise.all(ends);
      pool.close();
      await pool.join();
    }
    const list = [...errors].map(([kind, count]) => `${kind} ${count}`).join(', ');
    console.log(`flips in pools of ${_}: ${flips} words, ${fulfilled} values, errors: ${list} (SEED=${seed})`);
    expect(errors.size).toBeGreaterThan(0);
    expect(fulfilled).toBeGreaterThan(0);
    expect(addon().stats()).toMatchObject({ participants: 1, queues: 0 });
    expect(childrenOf(process.pid).length).toBe(0);
    expect(readdirSync('/dev/shm').filter((name) => name.includes('manyhands'))).toEqual([]);
  },
);
