// A settled task frees the large binaries of its frame, and never a block that serves something else by now.
import { expect, test } from 'vitest';
import { arena as arenaOf } from '../../dist/internal/memory/arena.js';
import { FrameWriter } from '../../src/internal/engine/frame-writer.ts';
import { Task } from '../../src/internal/engine/task.ts';

const BYTES = 1 << 20;

function taskWithAttachment(frames: FrameWriter): Task {
  const task = new Task(
    { id: 1, body: undefined } as unknown as Task['definition'],
    { priority: 0, retries: 0, timeoutMs: undefined },
    { fulfilled: () => undefined, rejected: () => undefined },
    0,
  );
  frames.write(task, { kind: 'call', args: [new Uint8Array(BYTES)] }, undefined);
  return task;
}

test('an attachment that a worker took over and freed is left alone when its block is used again', () => {
  const memory = arenaOf();
  const { native } = memory;
  const frames = new FrameWriter(memory as never);
  const task = taskWithAttachment(frames);
  const block = task.attachments![0]!.block;
  // As the worker does; the pool gets the same memory for something else.
  native.free(block);
  const again = native.alloc(BYTES);
  expect(again).toBe(block);
  frames.release(task);
  expect(native.owner(again)).toBe(memory.entry);
  native.free(again);
  expect(native.stats().blocks).toBe(0);
});

test('an attachment that nobody took is freed with its task', () => {
  const memory = arenaOf();
  const frames = new FrameWriter(memory as never);
  const task = taskWithAttachment(frames);
  frames.release(task);
  expect(memory.native.stats().blocks).toBe(0);
});
