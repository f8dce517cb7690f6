// Memory that any process can attach by name: Python's SharedMemory, on the same names.
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { StateError } from './errors.js';
import { isBusy } from './internal/busy-memory.js';
import { MEMORY } from './internal/codec/travellers.js';
import { native } from './internal/native.js';
import { Arrival } from './internal/shared/handle.js';
import { KIND } from './internal/shared/kinds.js';
import { nameTraveller } from './internal/shared/named.js';
import { forgetOwner, keepOwner } from './internal/shared/typed-memory.js';
import { claimName, releaseName } from './internal/shared-memory/names.js';
import { systemError } from './internal/shared-memory/system-error.js';
import { arrayClass, type ArrayOf, type TypeCode, type TypeName } from './internal/type-codes.js';
import { integer, object, outOfRange, wrongType } from './internal/validate.js';

/** What to make or to attach. */
export interface SharedMemoryOptions {
  /** Its name in /dev/shm. @default a fresh one, when it is created */
  name?: string;
  /** Makes new memory; else existing memory is attached. @default false */
  create?: boolean;
  /** Bytes; needed to create, ignored to attach. */
  size?: number;
  /**
   * Whether the name is removed when this process ends, however it ends. @default true for who creates it, false for who
   * attaches
   */
  track?: boolean;
}

const LONGEST_NAME = 255;
const ENOENT = -2;
const EEXIST = -17;
const ENOSPC = -28;

/**
 * A block of memory with a name. Processes that open the same name see the same bytes; Python's `SharedMemory` uses the
 * same names. As an argument, a captured variable, an item or a result it travels by its name, and is attached where it
 * arrives. The name lasts until `unlink` or until its creator ends; the memory lasts while anybody is attached.
 *
 * @example
 * const block = new SharedMemory({ create: true, size: 8 });
 * block.asArray('d')[0] = 0.5;
 * new SharedMemory({ name: block.name }).asArray('d')[0]; // 0.5, here or in any process
 */
export class SharedMemory {
  /** Its name in /dev/shm, by which others attach it. */
  readonly name: string;
  /** Bytes; also after `close`. */
  readonly size: number;
  #buffer: ArrayBuffer | undefined;

  /**
   * @throws RangeError for a size that is not positive or a name that no file can have; an Error with `code`: EEXIST when
   *   the name to create is taken, ENOENT when there is nothing to attach, ENOSPC when /dev/shm has no room
   */
  constructor(options: SharedMemoryOptions);
  /** @internal */
  constructor(options: SharedMemoryOptions | Arrival);
  constructor(options: SharedMemoryOptions | Arrival) {
    const {
      name,
      create = false,
      size,
      track,
    }: Record<string, unknown> = options instanceof Arrival ? { name: options.name } : object('options', options);
    if (name !== undefined) checkName(name);
    if (typeof create !== 'boolean') throw wrongType('create', 'a boolean', create);
    if (track !== undefined && typeof track !== 'boolean') throw wrongType('track', 'a boolean', track);
    if (create) {
      const bytes = integer('size', size, 1);
      const made = createMemory(name as string | undefined, bytes, track !== false);
      this.name = made.name;
      this.size = bytes;
      this.#buffer = made.buffer;
    } else {
      if (name === undefined) throw wrongType('name', 'a string, to attach existing memory', name);
      const made = attachMemory(name as string, track === true);
      this.name = name as string;
      this.size = made.size;
      this.#buffer = made.buffer;
    }
    keepOwner(this.#buffer, this);
    nameTraveller(this, KIND.SHARED_MEMORY, this.name, () => !this.closed);
  }

  /** All its bytes: real memory, shared with everybody who is attached. @throws StateError after `close` */
  get buf(): Uint8Array {
    return new Uint8Array(this.#open());
  }

  /**
   * A typed array over part of it.
   *
   * @param offset in bytes, a multiple of the size of an element
   * @param length in elements; the rest unless given
   * @throws RangeError when it does not fit; StateError after `close`
   */
  asArray<T extends TypeCode | TypeName>(type: T, offset = 0, length?: number): ArrayOf<T> {
    const View = arrayClass(type);
    const buffer = this.#open();
    const width = View.BYTES_PER_ELEMENT;
    integer('offset', offset, 0);
    if (offset % width !== 0 || offset > this.size)
      throw outOfRange('offset', `a multiple of ${width} up to ${this.size}`, offset);
    const most = Math.floor((this.size - offset) / width);
    if (length !== undefined && integer('length', length, 0) > most)
      throw outOfRange('length', `at most ${most}`, length);
    return new View(buffer, offset, length ?? most) as ArrayOf<T>;
  }

  /**
   * Gives up this view: every array over it has length 0 from now on. The memory and its name stay.
   *
   * @throws StateError while an operation over an array of it runs on native threads
   */
  close(): void {
    if (this.#buffer === undefined) return;
    if (isBusy(this.#buffer)) throw new StateError(`The shared memory '${this.name}' is in use by a running operation`);
    native().detach(this.#buffer);
    this.#buffer = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Whether it was closed here. */
  get closed(): boolean {
    return this.#buffer === undefined;
  }

  /** A view of this memory travels as part of this object. @internal */
  get [MEMORY](): ArrayBuffer {
    return this.#open();
  }

  /** Removes the name; those who are attached keep the memory, views of it travel as copies. @throws Error with `code` ENOENT when it is gone already */
  unlink(): void {
    const result = native().shmUnlink(this.name);
    releaseName(this.name);
    if (this.#buffer !== undefined) forgetOwner(this.#buffer);
    if (result < 0) throw systemError(result, 'shm_unlink', this.name);
  }

  [inspect.custom](): string {
    return `SharedMemory('${this.name}', size=${this.size})`;
  }

  #open(): ArrayBuffer {
    if (this.#buffer === undefined) throw new StateError(`The shared memory '${this.name}' is closed`);
    return this.#buffer;
  }
}

function checkName(name: unknown): void {
  const must = `a name of 1 to ${LONGEST_NAME} bytes without "/", NUL and line breaks`;
  if (typeof name !== 'string') throw wrongType('name', must, name);
  const isName = name !== '' && name !== '.' && name !== '..' && !/[/\0\n\r]/.test(name);
  if (!isName || Buffer.byteLength(name) > LONGEST_NAME) throw outOfRange('name', must, name);
}

/** The memory is whole, and its name answered for, before the name can be seen: no kill leaves anything behind. */
function createMemory(
  given: string | undefined,
  size: number,
  isTracked: boolean,
): { name: string; buffer: ArrayBuffer } {
  const addon = native();
  const fd = addon.shmPrepare(size);
  if (fd < 0) {
    throw systemError(fd, 'shm_open', given ?? 'new memory', remedyOf(fd, size));
  }
  try {
    const buffer = mapped(fd, size, given ?? 'new memory');
    for (;;) {
      const name = given ?? `psm_${randomBytes(4).toString('hex')}`;
      const { inode } = statOf(fd, name);
      if (isTracked) claimName(name, inode);
      const result = addon.shmPublish(fd, name);
      if (result === 0) return { name, buffer };
      if (isTracked) releaseName(name, inode);
      // A fresh name that is taken is no reason to fail.
      if (result !== EEXIST || given !== undefined)
        throw systemError(result, 'shm_open', name, result === ENOENT ? '/proc is not mounted' : '');
    }
  } finally {
    addon.closeFd(fd);
  }
}

/** What to do about memory that could not be made. */
function remedyOf(errno: number, size: number): string {
  if (errno === ENOSPC) return `${size} bytes do not fit into /dev/shm`;
  return errno === ENOENT ? '/dev/shm is not mounted' : '';
}

function attachMemory(name: string, isTracked: boolean): { size: number; buffer: ArrayBuffer } {
  const addon = native();
  const fd = addon.shmOpen(name);
  if (fd < 0) throw systemError(fd, 'shm_open', name);
  try {
    const { size, inode } = statOf(fd, name);
    if (size === 0) throw new StateError(`The shared memory '${name}' has no bytes yet: its creator has not sized it`);
    const buffer = mapped(fd, size, name);
    if (isTracked) claimName(name, inode);
    return { size, buffer };
  } finally {
    addon.closeFd(fd);
  }
}

function statOf(fd: number, name: string): { size: number; inode: number } {
  const stat = native().shmStat(fd);
  if (typeof stat === 'number') throw systemError(stat, 'fstat', name);
  return stat;
}

function mapped(fd: number, size: number, name: string): ArrayBuffer {
  const buffer = native().shmMap(fd, size);
  if (typeof buffer === 'number') throw systemError(buffer, 'mmap', name);
  return buffer;
}
