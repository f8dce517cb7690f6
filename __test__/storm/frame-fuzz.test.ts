// Frames and replies that are random, cut off or flipped give an error or some value: never a hang, never bytes from outside.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arena as arenaOf, HEADER } from '../../dist/internal/memory/arena.js';
import { Batch, BATCH_HEADER_BYTES } from '../../src/internal/engine/batch.ts';
import { FRAME_KIND, writeFrameHeader } from '../../src/internal/engine/frame.ts';
import { InFlight } from '../../src/internal/engine/in-flight.ts';
import { ReplyReader, type Reply } from '../../src/internal/engine/reply-reader.ts';
import { ResultList } from '../../src/internal/engine/result-list.ts';
import { Task } from '../../src/internal/engine/task.ts';
import type { WorkerSlot } from '../../src/internal/engine/worker-slot.ts';
import { FrameReader } from '../../src/internal/worker/frame-reader.ts';
import { ByteWriter } from '../../src/internal/codec/byte-writer.ts';
import { encode, encodeItems, encodeLists } from '../../src/internal/codec/encode.ts';
import { randomFrom, seed } from './random.ts';

const ROUNDS = 10_000;
const BLOCK_BYTES = 4000;
const TASKS = 8;

const random = randomFrom(seed);
const memory = arenaOf();
let block = 0;

beforeAll(() => {
  block = memory.native.alloc(BLOCK_BYTES);
});
afterAll(() => {
  memory.native.free(block);
  expect(memory.native.stats()).toMatchObject({ blocks: 0, participants: 1 });
});

const payload = (): Uint8Array => {
  const at = memory.offsetOf(block) + memory.headerBytes;
  return memory.segmentOf(block).u8.subarray(at, at + memory.capacityOf(block));
};

function damage(bytes: Uint8Array, from: number, end: number): void {
  const count = 1 + random.below(6);
  for (let i = 0; i < count; i++) {
    const at = from + random.below(end - from);
    bytes[at] = random.below(2) === 0 ? random.below(256) : bytes[at]! ^ (1 << random.below(8));
  }
}

const task = (kind: number): Task => {
  const made = new Task(
    { id: 1, body: undefined } as unknown as Task['definition'],
    { priority: 0, retries: 0, timeoutMs: undefined },
    { fulfilled: () => undefined, rejected: () => undefined },
    0,
  );
  made.kind = kind;
  made.state = 'sent';
  if (kind === FRAME_KIND.TYPED) made.place = { target: new Float64Array(4), start: 0, count: 4 };
  if (kind === FRAME_KIND.LISTS) made.place = { target: new ResultList(3), start: 0, count: 3 };
  return made;
};

/** A batch with whole replies; damaged afterwards by the test. */
function batchOfReplies(): InFlight {
  const batch = new Batch(memory as never, block);
  const kinds = Array.from({ length: TASKS }, () =>
    random.pick([FRAME_KIND.CALL, FRAME_KIND.ITEMS, FRAME_KIND.EACH, FRAME_KIND.TYPED, FRAME_KIND.LISTS]),
  );
  batch.initialise(TASKS, BATCH_HEADER_BYTES, false);
  const bytes = payload();
  let at = BATCH_HEADER_BYTES;
  for (const kind of kinds) {
    const writer = new ByteWriter();
    writer.skip(8);
    if (kind === FRAME_KIND.CALL) encode({ a: [1, 'two', 3n], b: new Uint8Array(8) }, writer, { path: 'x' });
    else if (kind === FRAME_KIND.TYPED) writer.skip(32);
    else encodeItems([1, 'a', { b: 2 }], 0, 3, writer, { path: 'x' });
    if (kind === FRAME_KIND.EACH) encode([[1, true, 'failed']], writer, { path: 'x' });
    writer.align(8);
    bytes.set(writer.bytes.subarray(0, writer.position), at);
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(at + 4, writer.position, true);
    at += writer.position;
  }
  // As a worker does: a task is done after it was claimed.
  for (let claimed = 0; claimed < TASKS; claimed++) batch.claimNext(claimed, TASKS);
  batch.completed(TASKS, at);
  return new InFlight(batch, {} as WorkerSlot, kinds.map(task), BATCH_HEADER_BYTES, 1000);
}

/** A whole frame of the kind, with four calls in it where it has several. */
function frameOf(kind: number): Uint8Array {
  const writer = new ByteWriter();
  const context = { path: 'x' };
  writer.skip(16);
  switch (kind) {
    case FRAME_KIND.CALL:
      encode([1, { text: 'x'.repeat(30) }, [2.5]], writer, context);
      break;
    case FRAME_KIND.ITEMS:
      encodeItems([1, 2, 3.5, 'x'], 0, 4, writer, context);
      break;
    case FRAME_KIND.LISTS:
      encodeLists(
        [
          [1, 2, 3, 4],
          ['a', 'b', { c: 1 }, 4n],
        ],
        0,
        4,
        0,
        writer,
        context,
      );
      break;
    default: {
      const at = writer.position;
      writer.skip(16 + 8 + 32 + 8);
      // Four calls, two columns, results that are doubles; the columns are of doubles and of bytes.
      for (const [word, value] of [4, 2, 8, 0, 8, 1].entries()) writer.view.setUint32(at + 4 * word, value, true);
    }
  }
  writer.align(8);
  writeFrameHeader(writer.view, 0, { definition: 1, kind, flags: 0, length: writer.position, extra: 4 });
  return writer.bytes.subarray(0, writer.position);
}

const FRAME_KINDS = [FRAME_KIND.CALL, FRAME_KIND.ITEMS, FRAME_KIND.TYPED, FRAME_KIND.COLUMNS, FRAME_KIND.LISTS];

describe(`damage made with SEED=${seed}`, () => {
  test('in the replies and the words of a batch settles every task that is done at most once', () => {
    const reader = new ReplyReader(memory as never);
    let refused = 0;
    for (let i = 0; i < ROUNDS; i++) {
      const inFlight = batchOfReplies();
      damage(payload(), random.below(3) === 0 ? 0 : BATCH_HEADER_BYTES, inFlight.batch.replyEnd);
      const settled = new Map<Task, Reply>();
      reader.read(inFlight, (of, reply) => {
        expect(settled.has(of)).toBe(false);
        settled.set(of, reply);
        of.state = 'settled';
        if (!reply.ok) refused++;
      });
      expect(inFlight.seen).toBeLessThanOrEqual(TASKS);
    }
    expect(refused).toBeGreaterThan(0);
  });

  test('in a frame gives an error or a value', () => {
    const reader = new FrameReader(memory as never, memory.entry);
    let refused = 0;
    for (let i = 0; i < ROUNDS; i++) {
      const frame = frameOf(random.pick(FRAME_KINDS));
      const bytes = payload();
      bytes.set(frame);
      memory.setWord(block, HEADER.LENGTH, frame.length);
      const start = memory.offsetOf(block) + memory.headerBytes;
      const read = (): unknown => reader.read(memory.segmentOf(block).u8, start, start + frame.length);
      expect(read).not.toThrow();
      damage(bytes, 0, frame.length);
      try {
        read();
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(0);
  });
});
