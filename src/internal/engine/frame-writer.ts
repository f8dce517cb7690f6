// Encodes tasks into frames: small ones side by side in a log on the heap, large ones in blocks of the arena.
import { ByteWriter } from '../codec/byte-writer.js';
import { copyOf } from '../codec/copy.js';
import { encode, encodeItems, encodeLists, type EncodeContext } from '../codec/encode.js';
import type { Captured } from '../function/capture.js';
import { encodeCaptured } from '../function/encode-captured.js';
import { HEADER, listBytes, type Arena } from '../memory/arena.js';
import { environment } from '../native.js';
import type { TaskBody, TypedBody } from './engine.js';
import {
  FRAME_FLAG,
  FRAME_HEADER_BYTES,
  FRAME_KIND,
  padded,
  TYPED_HEADER_BYTES,
  typeNumber,
  writeFrameHeader,
} from './frame.js';
import { ResultList } from './result-list.js';
import type { NumberedBuffer } from '../worker/shared-buffers.js';
import type { Attachment, Task } from './task.js';
import type { WorkerSlot } from './worker-slot.js';

// Frames beyond this go into a block of their own: they would fill a batch and delay the tasks behind them.
const LARGEST_INLINE_BYTES = 4096;
const LOG_BYTES = 64 * 1024;
const TAG_WORD = 6;
const EVERYTHING_INLINE = Infinity;

/** One count for all pools of an environment: a block that one of them gave away may come back to another. */
function newTag(): number {
  const shared = environment();
  shared.attachments = (shared.attachments + 1) >>> 0 || 1;
  return shared.attachments;
}

/** How the parts of a frame are encoded. */
type Contexts = Readonly<Record<'args' | 'items' | 'captured', EncodeContext>>;

function contexts(
  handles: number[],
  attach: (bytes: Uint8Array) => number,
  attachFrom: number | undefined,
  sharedBuffers: EncodeContext['sharedBuffers'],
): Contexts {
  const shared = { attachFrom, handles, attachments: { attach }, sharedBuffers };
  return {
    args: { path: 'args', ...shared },
    items: { path: 'items', ...shared },
    captured: { path: 'captured', ...shared },
  };
}

export class FrameWriter {
  readonly #arena: Arena;
  /** The end of the log; tasks refer to the part of it that is theirs, so old parts go when their tasks are settled. */
  #log = new ByteWriter(LOG_BYTES);
  /** Of the frame that is being written. */
  #attachments: Attachment[] = [];
  /** Shared objects in the frame being written. */
  readonly #handles: number[] = [];
  // Made once: a call of a tiny task should leave nothing to collect but itself.
  readonly #contexts: Contexts;
  readonly #contextsInline: Contexts;
  /** SharedArrayBuffers in the frame being written. */
  readonly #sharedBuffers: NumberedBuffer[] = [];
  #shared = 0;

  /** `sharesMemory`: the workers are threads of this process. */
  constructor(arena: Arena, sharesMemory = false) {
    this.#arena = arena;
    const attach = (bytes: Uint8Array): number => this.#attach(bytes);
    const put = (buffer: SharedArrayBuffer): number => {
      this.#sharedBuffers.push([++this.#shared, buffer]);
      return this.#shared;
    };
    this.#contexts = contexts(this.#handles, attach, undefined, sharesMemory ? { put } : undefined);
    this.#contextsInline = contexts(this.#handles, attach, EVERYTHING_INLINE, this.#contexts.args.sharedBuffers);
  }

  /** Encodes the task's arguments and captured values as they are now. Throws DataCloneError and leaves nothing behind. */
  write(task: Task, body: TaskBody, values: unknown): void {
    if (this.#sharedBuffers.length > 0) this.#sharedBuffers.length = 0;
    if (body.kind === 'typed') this.#writeTyped(task, body, values);
    else this.#writeFrame(task, body, values);
    if (this.#sharedBuffers.length > 0) task.sharedBuffers = this.#sharedBuffers.splice(0);
  }

  #writeFrame(task: Task, body: Exclude<TaskBody, TypedBody>, values: unknown): void {
    if (this.#log.bytes.byteLength - this.#log.position < LARGEST_INLINE_BYTES) this.#log = new ByteWriter(LOG_BYTES);
    const log = this.#log;
    const start = log.position;
    if (this.#handles.length > 0) this.#handles.length = 0;
    if (body.kind === 'items') {
      const { target, start: first, end } = body;
      task.kind = body.each ? FRAME_KIND.EACH : FRAME_KIND.ITEMS;
      if (target !== undefined) task.place = { target, start: first, count: end - first };
    } else if (body.kind === 'lists') {
      task.kind = FRAME_KIND.LISTS;
      task.place = { target: body.target, start: body.place, count: body.end - body.start };
    }
    try {
      this.#encode(log, task.definition.id, body, values, task.options.retries > 0, this.#contexts);
    } catch (error) {
      log.position = start;
      for (const { block } of this.#attachments.splice(0)) this.#arena.native.free(block);
      throw error;
    }
    if (this.#attachments.length > 0) task.attachments = this.#attachments.splice(0);
    // A batch is written when it is sent, which may be too late for objects that nobody else holds by then.
    if (log.position - start > LARGEST_INLINE_BYTES || this.#handles.length > 0) {
      task.block = this.#arena.store(log.bytes.subarray(start, log.position), this.#handles);
      // The log may have grown for this frame; give the memory back with it.
      if (log.bytes.byteLength > LOG_BYTES) this.#log = new ByteWriter(LOG_BYTES);
      else log.position = start;
      return;
    }
    task.bytes = log.bytes;
    task.start = start;
    task.end = log.position;
  }

  /** A block with the frame of one call, whole in itself: for messages to this worker that no task keeps account of. */
  standalone({ definition, values }: Captured, args: readonly unknown[], worker: WorkerSlot): number {
    const writer = new ByteWriter();
    if (this.#handles.length > 0) this.#handles.length = 0;
    this.#sharedBuffers.length = 0;
    this.#encode(writer, definition.id, { kind: 'call', args }, values, true, this.#contextsInline);
    for (const numbered of this.#sharedBuffers.splice(0)) worker.port?.postMessage(numbered);
    return this.#arena.store(writer.bytes.subarray(0, writer.position), this.#handles);
  }

  /** A copy as a worker would get it, made now. Throws DataCloneError. */
  copy<T>(value: T, path: string): T {
    return copyOf(value, path, this.#contexts.args.sharedBuffers !== undefined);
  }

  /** Frees what a settled task held in the arena. */
  release(task: Task): void {
    if (task.block !== 0) {
      this.#arena.discard(task.block);
      task.block = 0;
    }
    for (const { block, tag } of task.attachments ?? []) {
      // A worker may have taken the block over; then it, or the sweep after its death, has freed it, and the block may
      // serve something else by now: the tag tells.
      if (this.#arena.native.owner(block) === this.#arena.entry && this.#arena.word(block, TAG_WORD) === tag) {
        this.#arena.setWord(block, TAG_WORD, 0);
        this.#arena.discard(block);
      }
    }
    task.attachments = undefined;
    task.sharedBuffers = undefined;
  }

  #encode(
    writer: ByteWriter,
    definition: number,
    body: Exclude<TaskBody, TypedBody>,
    values: unknown,
    keep: boolean,
    context: Contexts,
  ): void {
    const start = writer.position;
    writer.skip(FRAME_HEADER_BYTES);
    let flags = keep ? FRAME_FLAG.KEEP : 0;
    let kind: number = FRAME_KIND.CALL;
    let extra = 0;
    if (body.kind === 'call') {
      encode(body.args, writer, context.args);
    } else if (body.kind === 'lists') {
      kind = FRAME_KIND.LISTS;
      flags |= FRAME_FLAG.SPREAD;
      extra = body.end - body.start;
      encodeLists(body.lists, body.start, body.end, body.place, writer, context.items);
    } else {
      kind = body.each ? FRAME_KIND.EACH : FRAME_KIND.ITEMS;
      if (body.spread) flags |= FRAME_FLAG.SPREAD;
      extra = body.end - body.start;
      encodeItems(body.items, body.start, body.end, writer, context.items);
    }
    if (values !== undefined) {
      flags |= FRAME_FLAG.VALUES;
      encodeCaptured(values, writer, context.captured);
    }
    writer.align(8);
    writeFrameHeader(writer.view, start, { definition, kind, flags, length: writer.position - start, extra });
  }

  #attach(bytes: Uint8Array): number {
    const block = this.#arena.store(bytes);
    const tag = newTag();
    this.#arena.setWord(block, TAG_WORD, tag);
    this.#attachments.push({ block, tag });
    return block;
  }

  /** A chunk of typed arrays goes straight into its block, where the worker reads it in place. */
  #writeTyped(task: Task, { columns, spread, start, end, target }: TypedBody, values: unknown): void {
    const kind = target instanceof ResultList ? FRAME_KIND.COLUMNS : FRAME_KIND.TYPED;
    const chunks = columns.map((column) => column.subarray(start, end));
    const captured = new ByteWriter();
    const handles: number[] = [];
    if (values !== undefined)
      encodeCaptured(values, captured, { ...this.#contexts.captured, attachments: undefined, handles });
    const typesAt = FRAME_HEADER_BYTES + TYPED_HEADER_BYTES;
    let valuesAt = typesAt + padded(4 * columns.length);
    const places = chunks.map(({ byteLength }) => (valuesAt += padded(byteLength)) - padded(byteLength));
    const length = valuesAt + padded(captured.position);
    const block = this.#arena.native.alloc(length + listBytes(handles));
    const at = this.#arena.offsetOf(block) + this.#arena.headerBytes;
    const { u8 } = this.#arena.segmentOf(block);
    const view = new DataView(u8.buffer, at, length);
    writeFrameHeader(view, 0, {
      definition: task.definition.id,
      kind,
      flags: (values === undefined ? 0 : FRAME_FLAG.VALUES) | (spread ? FRAME_FLAG.SPREAD : 0),
      length,
      extra: start,
    });
    view.setUint32(FRAME_HEADER_BYTES, end - start, true);
    view.setUint32(FRAME_HEADER_BYTES + 4, columns.length, true);
    view.setUint32(FRAME_HEADER_BYTES + 8, target instanceof ResultList ? 0 : typeNumber(target), true);
    chunks.forEach((chunk, i) => {
      view.setUint32(typesAt + 4 * i, typeNumber(chunk), true);
      u8.set(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength), at + (places[i] as number));
    });
    u8.set(captured.bytes.subarray(0, captured.position), at + valuesAt);
    this.#arena.setWord(block, HEADER.LENGTH, length);
    if (handles.length > 0) this.#arena.carry(block, length, handles);
    task.block = block;
    task.kind = kind;
    task.place = { target, start, count: end - start };
  }
}
