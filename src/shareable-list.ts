// A list of fixed length in shared memory, with the byte layout of CPython's ShareableList.
import { inspect, types } from 'node:util';
import { StateError } from './errors.js';
import { ItemTable, type ShareableItem } from './internal/shared-memory/item-table.js';
import { bytesNeeded } from './internal/shared-memory/item-format.js';
import { Arrival } from './internal/shared/handle.js';
import { KIND } from './internal/shared/kinds.js';
import { nameTraveller } from './internal/shared/named.js';
import { isIterable } from './internal/job/items.js';
import { optionalObject, outOfRange, wrongType } from './internal/validate.js';
import { SharedMemory } from './shared-memory.js';

export type { ShareableItem };

/**
 * A list whose length and slots are fixed when it is made and whose items may change: numbers, bigints, booleans, texts,
 * bytes and null. Whoever attaches it by name, a Python program included, sees the same items. Not synchronised.
 *
 * Numbers come back as numbers and bigints as bigints; whole numbers of a Python program as numbers where they are safe
 * integers, else as bigints. Texts and bytes keep their exact length, trailing NULs included.
 *
 * @example
 * const list = new ShareableList(['howdy', 273.15, -7, null, true]);
 * new ShareableList(null, { name: list.shm.name }).at(0); // 'howdy'
 */
export class ShareableList implements Iterable<ShareableItem> {
  /** The memory that holds it: close it, or unlink it, there. */
  readonly shm: SharedMemory;
  readonly #table: ItemTable;

  /**
   * Makes a list of `items`, or attaches the one in the memory `name` when there are no items.
   *
   * @throws TypeError for an item of another type; RangeError for a bigint beyond 64 bits; what SharedMemory throws
   */
  constructor(items?: Iterable<ShareableItem> | null, options?: { name?: string });
  /** @internal */
  constructor(items: Arrival);
  constructor(items?: Iterable<ShareableItem> | Arrival | null, options?: { name?: string }) {
    const { name } = items instanceof Arrival ? items : (optionalObject('options', options) ?? {});
    if (name !== undefined && typeof name !== 'string') throw wrongType('name', 'a string', name);
    const attaches = items instanceof Arrival || items === undefined || items === null;
    if (attaches && name !== undefined) {
      this.shm = new SharedMemory({ name });
      this.#table = ItemTable.attach(this.shm.buf, name);
    } else {
      if (!attaches && !isIterable(items)) throw wrongType('items', 'an iterable', items);
      const list = attaches ? [] : [...items];
      const size = bytesNeeded(list);
      this.shm = new SharedMemory({ create: true, size, ...(name === undefined ? {} : { name }) });
      this.#table = ItemTable.create(this.shm.buf, list);
    }
    nameTraveller(this, KIND.SHAREABLE_LIST, this.shm.name, () => !this.shm.closed);
  }

  /** How many items; also after `shm.close()`, when everything else throws StateError. */
  get length(): number {
    return this.#table.length;
  }

  /** The item at `index`, counted from the end when negative. @throws RangeError beyond the ends */
  at(index: number): ShareableItem {
    return this.#items.read(this.#position(index));
  }

  /**
   * Replaces the item at `index`, perhaps by one of another type.
   *
   * @throws RangeError beyond the ends, or when a text or bytes need more room than the slot got when the list was made
   */
  set(index: number, value: ShareableItem): void {
    this.#items.write(this.#position(index), value);
  }

  /** How many items are `value`, compared by `Object.is`, bytes by their contents. */
  count(value: ShareableItem): number {
    let count = 0;
    for (const item of this) if (isSame(item, value)) count++;
    return count;
  }

  /** The first index of `value`, -1 when there is none. */
  indexOf(value: ShareableItem): number {
    let index = 0;
    for (const item of this) {
      if (isSame(item, value)) return index;
      index++;
    }
    return -1;
  }

  /** The `struct` format of all items, as Python shows it. */
  get format(): string {
    return this.#items.format;
  }

  *[Symbol.iterator](): IterableIterator<ShareableItem> {
    for (let i = 0; i < this.#items.length; i++) yield this.#items.read(i);
  }

  [inspect.custom](): string {
    return `ShareableList(${this.shm.closed ? 'closed' : inspect([...this])}, name='${this.shm.name}')`;
  }

  /** The same as `shm.close()`. */
  [Symbol.dispose](): void {
    this.shm.close();
  }

  get #items(): ItemTable {
    if (this.shm.closed) throw new StateError(`The shared memory '${this.shm.name}' of the list is closed`);
    return this.#table;
  }

  #position(index: number): number {
    if (typeof index !== 'number') throw wrongType('index', 'an integer', index);
    const position = index < 0 ? index + this.length : index;
    if (!Number.isInteger(index) || position < 0 || position >= this.length)
      throw outOfRange('index', `an integer from ${-this.length} to ${this.length - 1}`, index);
    return position;
  }
}

function isSame(item: ShareableItem, value: ShareableItem): boolean {
  if (!types.isUint8Array(item)) return Object.is(item, value);
  return types.isUint8Array(value) && Buffer.compare(item, value) === 0;
}
