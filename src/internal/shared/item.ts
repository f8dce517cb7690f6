// Items of queues: a value encoded into a block that carries its handles, with large binaries in blocks chained behind it.
// Small ones go through the call page, in one native call each way.
import { ByteReader } from '../codec/byte-reader.js';
import { damaged } from '../codec/codec-error.js';
import { decode, type DecodeContext } from '../codec/decode.js';
import { encode } from '../codec/encode.js';
import { encodeBytes, findBytes, type BytesAt } from '../codec/plain-bytes.js';
import { arena, HEADER } from '../memory/arena.js';
import { AREA_BYTES, callPage, type CallPage, DELIVERED, NOTHING, WORD } from '../memory/call-page.js';
import { beginPacking, endPacking, type Encode, type Packing } from './packing.js';
import { NOT_YET } from './wait-line.js';

/** A block of ours with the value as it is now. Throws DataCloneError and leaves nothing behind. */
export function packItem(value: unknown, path: string): number {
  return pack(value, path, encode);
}

/** The same for bytes. */
export function packBytes(bytes: Uint8Array): number {
  return pack(bytes, '', encodeBytes);
}

function pack<T>(item: T, path: string, encodeItem: Encode<T>): number {
  const packing = beginPacking();
  try {
    packing.write(item, path, encodeItem);
    return packing.store();
  } finally {
    endPacking(packing);
  }
}

/**
 * Puts the value as it is now if it is small and there is room: then 0, else the block with it, which is ours and still
 * to be put. Throws DataCloneError, and ERR_SHUT_DOWN also when there is no object `peer`; nothing is left behind then.
 */
export function sendItem(queue: number, value: unknown, path: string, peer = 0): number {
  return send(queue, value, path, peer, encode);
}

/** The same for bytes. */
export function sendBytes(queue: number, bytes: Uint8Array, peer: number): number {
  return send(queue, bytes, '', peer, encodeBytes);
}

function send<T>(queue: number, item: T, path: string, peer: number, encodeItem: Encode<T>): number {
  const packing = beginPacking();
  try {
    packing.write(item, path, encodeItem);
    return put(packing, queue, peer);
  } finally {
    endPacking(packing);
  }
}

function put(packing: Packing, queue: number, peer: number): number {
  const bytes = packing.bytesInPage;
  if (bytes < 0) return packing.store();
  const page = callPage();
  const { words } = page;
  words[WORD.QUEUE] = queue;
  words[WORD.BYTES] = bytes;
  words[WORD.PEER] = peer;
  page.send();
  return words[WORD.OUTCOME]!;
}

/**
 * Takes the oldest item of a queue; NOT_YET when there is none, and none comes within `waitMs` (at most 50 ms). It stays in
 * the queue, to go to somebody else should we die, until it is complete here. One that cannot be read is gone, and the
 * error says why.
 */
export function takeItem(queue: number, waitMs: number): unknown {
  const page = callPage();
  const outcome = receive(page, queue, waitMs);
  if (outcome === NOTHING) return NOT_YET;
  return outcome === DELIVERED ? readPage(page, decodeAll) : readBlock(queue, outcome, decodeAll);
}

/**
 * The same for one that is bytes and fits into `target`: they are copied there, and their number is the result. Of any
 * other one it is the value.
 */
export function takeBytes(
  queue: number,
  target: Uint8Array,
  waitMs: number,
): number | { readonly value: unknown } | typeof NOT_YET {
  const page = callPage();
  const outcome = receive(page, queue, waitMs);
  if (outcome === NOTHING) return NOT_YET;
  const read: Read<number | { value: unknown }> = (reader, chained) => {
    const { position } = reader;
    const found = findBytes(reader);
    if (found !== undefined && found.length <= target.length) {
      copyBytes(found, reader, chained, target);
      return found.length;
    }
    reader.position = position;
    return { value: decodeAll(reader, chained) };
  };
  return outcome === DELIVERED ? readPage(page, read) : readBlock(queue, outcome, read);
}

function copyBytes({ length, handle }: BytesAt, reader: ByteReader, chained: Chain, target: Uint8Array): void {
  if (handle === undefined) {
    reader.need(length);
    target.set(reader.bytes.subarray(reader.position, reader.position + length));
    return;
  }
  if (!chained.has(handle)) throw strange();
  arena().copyInto(handle, target.subarray(0, length));
}

function receive(page: CallPage, queue: number, waitMs: number): number {
  const { words } = page;
  words[WORD.QUEUE] = queue;
  words[WORD.BYTES] = page.isReading ? 0 : AREA_BYTES;
  words[WORD.LIMIT] = waitMs;
  page.receive();
  return words[WORD.OUTCOME]!;
}

/** The blocks behind the first one of a message. */
type Chain = ReadonlySet<number>;
type Read<T> = (reader: ByteReader, chained: Chain) => T;

const ALONE: Chain = new Set();
const NO_ATTACHMENTS: DecodeContext = {};
let pageReader: ByteReader | undefined;

function decodeAll(reader: ByteReader, chained: Chain): unknown {
  return decode(reader, chained.size === 0 ? NO_ATTACHMENTS : { attached: { take: copyOf(chained) } });
}

/** Not a view: its block would come back when the event loop turns, and who waits in its thread never does. */
function copyOf(chained: Chain) {
  return (handle: number, byteLength: number): ArrayBuffer => {
    if (!chained.has(handle)) throw strange();
    return arena().copyOf(handle, byteLength);
  };
}

function strange(): Error {
  return damaged('it refers to memory outside of it', 0);
}

function readPage<T>(page: CallPage, read: Read<T>): T {
  const reader = (pageReader ??= new ByteReader(page.incoming));
  reader.continueWith(0, page.words[WORD.BYTES]!);
  page.isReading = true;
  try {
    return read(reader, ALONE);
  } finally {
    page.isReading = false;
  }
}

/** Reads a message where it is, delivers and frees it. */
function readBlock<T>(queue: number, block: number, read: Read<T>): T {
  const shared = arena();
  const chained = shared.word(block, HEADER.NEXT) === 0 ? ALONE : chainOf(block);
  try {
    const { u8, start } = shared.payload(block);
    return read(new ByteReader(u8, start, start + shared.word(block, HEADER.LENGTH)), chained);
  } finally {
    shared.native.takeFinish(queue);
    shared.native.free(block);
  }
}

function chainOf(block: number): Chain {
  const shared = arena();
  const blocks = new Set<number>();
  let next = shared.word(block, HEADER.NEXT);
  while (next !== 0 && !blocks.has(next)) {
    blocks.add(next);
    next = shared.word(next, HEADER.NEXT);
  }
  return blocks;
}
