// Items of queues: a value encoded into a block that carries its handles, with large binaries in blocks chained behind it.
import { ByteReader } from '../codec/byte-reader.js';
import { ByteWriter } from '../codec/byte-writer.js';
import { damaged } from '../codec/codec-error.js';
import { decode, type DecodeContext } from '../codec/decode.js';
import { encode, type EncodeContext } from '../codec/encode.js';
import { arena, HEADER } from '../memory/arena.js';

const SCRATCH_BYTES = 16 * 1024;
const LARGEST_SCRATCH_BYTES = 1024 * 1024;

// A getter in a value may put something itself, so each takes a writer of its own while it writes.
const idle: ByteWriter[] = [];

/** A block of ours with the value as it is now. Throws DataCloneError and leaves nothing behind. */
export function packItem(value: unknown, path: string): number {
  const shared = arena();
  const writer = idle.pop() ?? new ByteWriter(SCRATCH_BYTES);
  const handles: number[] = [];
  const attached: number[] = [];
  const context: EncodeContext = {
    path,
    handles,
    attachments: {
      attach: (bytes) => {
        const block = shared.store(bytes);
        attached.push(block);
        return block;
      },
    },
  };
  writer.reset();
  let block: number;
  try {
    encode(value, writer, context);
    block = shared.store(writer.bytes.subarray(0, writer.position), handles);
  } catch (error) {
    for (const other of attached) shared.native.free(other);
    throw error;
  }
  let last = block;
  for (const next of attached) {
    shared.setWord(last, HEADER.NEXT, next);
    last = next;
  }
  if (writer.bytes.byteLength <= LARGEST_SCRATCH_BYTES) idle.push(writer);
  return block;
}

/**
 * Takes the oldest item of a queue; undefined when there is none. It stays in the queue, to go to somebody else should we
 * die, until its value is complete. One that cannot be read is gone, and the error says why.
 */
export function takeItem(queue: number): { readonly value: unknown } | undefined {
  const shared = arena();
  const { native } = shared;
  const block = native.takeBegin(queue);
  if (block === 0) return undefined;
  const chained = shared.word(block, HEADER.NEXT) === 0 ? undefined : chainOf(block);
  const used = new Set<number>();
  const context: DecodeContext =
    chained === undefined
      ? NO_ATTACHMENTS
      : {
          attached: {
            take: (handle, byteLength) => {
              if (!chained.has(handle) || used.has(handle)) throw damaged('it refers to memory outside of it', 0);
              used.add(handle);
              return native.view(handle, 0, byteLength);
            },
          },
        };
  try {
    const { u8, start } = shared.payload(block);
    const reader = new ByteReader(u8, start, start + shared.word(block, HEADER.LENGTH));
    return { value: decode(reader, context) };
  } finally {
    native.takeFinish(queue);
    // From now on each large binary belongs to the view of it, and is freed with that.
    if (chained !== undefined) {
      shared.setWord(block, HEADER.NEXT, 0);
      for (const next of chained) {
        shared.setWord(next, HEADER.NEXT, 0);
        if (!used.has(next)) native.free(next);
      }
    }
    native.free(block);
  }
}

const NO_ATTACHMENTS: DecodeContext = {};

function chainOf(block: number): Set<number> {
  const shared = arena();
  const blocks = new Set<number>();
  let next = shared.word(block, HEADER.NEXT);
  while (next !== 0 && !blocks.has(next)) {
    blocks.add(next);
    next = shared.word(next, HEADER.NEXT);
  }
  return blocks;
}
