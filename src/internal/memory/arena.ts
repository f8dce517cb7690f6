// This environment's view of the shared arena: joins it as a participant and maps its segments for JavaScript.
import { damagedMemory } from '../codec/codec-error.js';
import { native } from '../native.js';
import type { NativeApi } from '../native-api.js';
import { clearInterval, setInterval } from './timers.js';

/** One 16 MiB segment of the arena, seen through each element type that the layers above read it with. */
export interface Segment {
  readonly buffer: ArrayBuffer;
  readonly u8: Uint8Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly f64: Float64Array;
}

/** Bytes of payload, somewhere in the arena or (for a block that crosses segments) copied out of it. */
export interface Bytes {
  readonly u8: Uint8Array;
  readonly start: number;
  readonly end: number;
}

const GRANULE_SHIFT = 8; // a block handle counts granules of 256 bytes
const SEGMENT_SHIFT = 24; // segments of 16 MiB
const GRANULES_SHIFT = SEGMENT_SHIFT - GRANULE_SHIFT;
const GRANULE_MASK = (1 << GRANULES_SHIFT) - 1;
const SEGMENT_BYTES = 1 << SEGMENT_SHIFT;

/**
 * Header words of a block, in 32-bit words from its start: those that the addon also knows (checked at start against
 * what it says), and SENDER. Words 6 to 14 belong to the kind of message.
 */
export const HEADER = { SIZE: 1, LENGTH: 2, NEXT: 3, FLAGS: 4, KIND: 5, SENDER: 15 } as const;

// Whoever used no large block for this long is done with them for now, and their memory goes back to the system.
const QUIET_MS = 1000;

/** Bytes that a list of handles takes behind a message. */
export const listBytes = (handles: readonly number[]): number => (handles.length === 0 ? 0 : 8 + handles.length * 8);

const ANNOUNCED = Symbol.for('manyhands.announcesItsEnd');

/** Tells a program that ends from one that is killed; once, however often the package is loaded in this thread. */
function announceEnd(addon: NativeApi): void {
  if (ANNOUNCED in process) return;
  Object.defineProperty(process, ANNOUNCED, { value: true });
  process.once('exit', () => {
    addon.ending();
  });
}

/** The arena as one JavaScript environment (main thread or worker thread) sees it. */
export class Arena {
  readonly native: NativeApi;
  /** This environment's entry in the participant table. */
  readonly entry: number;
  readonly headerBytes: number;
  readonly leasedFlag: number;
  readonly #segments: (Segment | undefined)[] = [];
  /** Runs while large blocks are in use. */
  #trimTimer: NodeJS.Timeout | undefined;
  #isBusy = false;
  #copies = false;

  private constructor(addon: NativeApi, entry: number) {
    this.native = addon;
    this.entry = entry;
    announceEnd(addon);
    const known = addon.constants();
    this.headerBytes = known.headerBytes;
    this.leasedFlag = known.leasedFlag;
    const same =
      known.segmentBytes === SEGMENT_BYTES &&
      known.granuleBytes === 1 << GRANULE_SHIFT &&
      known.sizeWord === HEADER.SIZE &&
      known.lengthWord === HEADER.LENGTH &&
      known.nextWord === HEADER.NEXT &&
      known.flagsWord === HEADER.FLAGS &&
      known.kindWord === HEADER.KIND;
    if (!same) throw new Error('The native binary and the JavaScript of manyhands are of different versions');
  }

  /** The root of a process tree, or a thread of a process that has an arena already. */
  static create(): Arena {
    const addon = native();
    addon.createArena();
    return new Arena(addon, addon.join(0));
  }

  /** A child: takes what its parent reserved. Without a descriptor the process has the arena mapped already (a thread). */
  static attach(fd: number | undefined, reservation: number): Arena {
    const addon = native();
    if (fd !== undefined) addon.attachArena(fd);
    return new Arena(addon, addon.join(reservation));
  }

  segment(index: number): Segment {
    return this.#segments[index] ?? this.#map(index);
  }

  #map(index: number): Segment {
    const buffer = this.native.segment(index);
    const segment: Segment = {
      buffer,
      u8: new Uint8Array(buffer),
      u32: new Uint32Array(buffer),
      i32: new Int32Array(buffer),
      f64: new Float64Array(buffer),
    };
    this.#segments[index] = segment;
    return segment;
  }

  /** The segment in which a block begins. */
  segmentOf(block: number): Segment {
    return this.segment(block >>> GRANULES_SHIFT);
  }

  /** Byte offset of a block's header in its segment. */
  offsetOf(block: number): number {
    return (block & GRANULE_MASK) << GRANULE_SHIFT;
  }

  /** A header word of a block. */
  word(block: number, index: number): number {
    return this.segmentOf(block).u32[(this.offsetOf(block) >>> 2) + index] ?? 0;
  }

  setWord(block: number, index: number, value: number): void {
    this.segmentOf(block).u32[(this.offsetOf(block) >>> 2) + index] = value;
  }

  /** Bytes of payload that a block can hold. */
  capacityOf(block: number): number {
    return (this.word(block, HEADER.SIZE) << GRANULE_SHIFT) - this.headerBytes;
  }

  /** A leased block keeps its owner when it is taken from a queue. */
  setLeased(block: number, leased: boolean): void {
    const flags = this.word(block, HEADER.FLAGS);
    this.setWord(block, HEADER.FLAGS, leased ? flags | this.leasedFlag : flags & ~this.leasedFlag);
  }

  /** Copies `source` into a fresh block, which carries the shared objects of the `handles`, and returns its handle. */
  store(source: Uint8Array, handles: readonly number[] = []): number {
    if (handles.length === 0) {
      const block = this.native.alloc(source.byteLength);
      this.write(block, source);
      return block;
    }
    const at = (source.byteLength + 7) & ~7;
    const block = this.native.alloc(at + listBytes(handles));
    this.write(block, source);
    this.carry(block, at, handles);
    return block;
  }

  /** Writes the list of handles behind the `at` bytes (a multiple of 8) of an own block's payload. */
  carry(block: number, at: number, handles: readonly number[]): void {
    const list = new BigUint64Array(handles.length + 1);
    list[0] = BigInt(handles.length);
    handles.forEach((handle, i) => (list[i + 1] = BigInt(handle)));
    this.native.write(block, at, new Uint8Array(list.buffer));
    try {
      this.native.carry(block, at);
    } catch (error) {
      this.native.free(block);
      throw error;
    }
  }

  /** Copies bytes to the start of a block's payload and notes their number in its header. */
  write(block: number, source: Uint8Array): void {
    const start = this.offsetOf(block) + this.headerBytes;
    if (start + source.byteLength <= SEGMENT_BYTES) this.segmentOf(block).u8.set(source, start);
    else this.native.write(block, 0, source);
    this.setWord(block, HEADER.LENGTH, source.byteLength);
  }

  /** A copy of the first bytes of a block's payload. Throws when there are fewer. */
  copyOf(block: number, byteLength: number): ArrayBuffer {
    if (byteLength > this.native.capacity(block)) throw tooLong(byteLength);
    this.#useLargeBlock();
    const start = this.offsetOf(block) + this.headerBytes;
    // Memory that need not be zeroed first, in both cases.
    if (start + byteLength <= SEGMENT_BYTES) return this.segmentOf(block).buffer.slice(start, start + byteLength);
    const copy = Buffer.allocUnsafeSlow(byteLength);
    this.native.read(block, 0, copy);
    return copy.buffer as ArrayBuffer;
  }

  /** Copies the first bytes of a block's payload over `target`. Throws when there are fewer. */
  copyInto(block: number, target: Uint8Array): void {
    const { byteLength } = target;
    if (byteLength > this.native.capacity(block)) throw tooLong(byteLength);
    this.#useLargeBlock();
    const start = this.offsetOf(block) + this.headerBytes;
    if (start + byteLength <= SEGMENT_BYTES) target.set(this.segmentOf(block).u8.subarray(start, start + byteLength));
    else this.native.read(block, 0, target);
  }

  /** The payload of an own block as an ArrayBuffer: a view that frees the block when it is collected, or a copy. */
  takeOver(block: number, byteLength: number): ArrayBuffer {
    if (this.#copies) {
      const copy = this.copyOf(block, byteLength);
      this.native.release1(block);
      return copy;
    }
    this.#useLargeBlock();
    const view = this.native.view(block, 0, byteLength);
    // V8 collects what is young when much memory hangs on young ArrayBuffers, but looks at that only when it makes the
    // memory of one itself. Views alone would wait for collections of everything, which take ten times as long.
    void new ArrayBuffer(1);
    return view;
  }

  /**
   * Lets `takeOver` copy meanwhile: the block of a view comes back when the event loop turns, and for who waits in its
   * thread again and again it never does.
   */
  withoutViews(action: () => void): void {
    const before = this.#copies;
    this.#copies = true;
    try {
      action();
    } finally {
      this.#copies = before;
    }
  }

  #useLargeBlock(): void {
    this.#isBusy = true;
    this.#trimTimer ??= setInterval(this.#trimWhenQuiet, QUIET_MS).unref();
  }

  readonly #trimWhenQuiet = (): void => {
    if (this.#isBusy) {
      this.#isBusy = false;
      return;
    }
    clearInterval(this.#trimTimer);
    this.#trimTimer = undefined;
    this.native.trim();
  };

  /** The payload of a block: in place where it lies within one segment, else a copy. Throws when it is longer than the block. */
  payload(block: number): Bytes {
    const length = this.word(block, HEADER.LENGTH);
    if (length > this.native.capacity(block)) throw damagedMemory(`a message of ${length} bytes in a smaller block`);
    const start = this.offsetOf(block) + this.headerBytes;
    if (start + length <= SEGMENT_BYTES) return { u8: this.segmentOf(block).u8, start, end: start + length };
    const copy = new Uint8Array(length);
    this.native.read(block, 0, copy);
    return { u8: copy, start: 0, end: length };
  }

  /** Frees this one block if it is ours; one that damage or a death has given to somebody else is left to them. */
  discard(block: number): void {
    if (this.native.owner(block) !== this.entry) return;
    this.setLeased(block, false);
    this.native.release1(block);
  }
}

function tooLong(byteLength: number): Error {
  return damagedMemory(`a binary of ${byteLength} bytes in a smaller block`);
}

/** The number of the entry that a reservation is for. */
export const entryOf = (reservation: number): number => reservation & 1023;

let current: Arena | undefined;

/** The arena of this environment; makes or joins it on first use. */
export function arena(): Arena {
  current ??= Arena.create();
  return current;
}

/** Used once by the entry of a worker, before anything asks for the arena. */
export function attachArena(fd: number | undefined, reservation: number): Arena {
  current = Arena.attach(fd, reservation);
  return current;
}
