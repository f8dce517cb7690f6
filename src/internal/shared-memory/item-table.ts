// The bytes of a ShareableList, as CPython 3.9 and later lay them out.
//
//   offset            what
//   0                 i64 number of items N
//   8                 (N + 1) x i64 where each slot begins, from the start of the data; the last is the end of the data
//   8 * (N + 2)       the data: slots of whole 8 bytes
//   data end          N x 8 bytes: the `struct` format of each item, filled up with NULs
//   + 8 * N           N x i8: the code of each item
import { StateError } from '../../errors.js';
import { outOfRange } from '../validate.js';
import {
  CODE,
  FORMAT,
  FORMAT_BYTES,
  isSafe,
  SLOT_BYTES,
  slotBytes,
  stored,
  textFormat,
  type ShareableItem,
  type StoredItem,
} from './item-format.js';

export type { ShareableItem };

export class ItemTable {
  readonly length: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Where each slot begins, from the start of the memory, and where the data ends. */
  readonly #slots: readonly number[];

  private constructor(bytes: Uint8Array, slots: readonly number[]) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#slots = slots;
    this.length = slots.length - 1;
  }

  /** Writes a new list; the memory has `bytesNeeded(items)` bytes. */
  static create(bytes: Uint8Array, items: readonly unknown[]): ItemTable {
    const list = items.map((item, i) => stored(item, `items[${i}]`));
    const start = SLOT_BYTES * (list.length + 2);
    const slots = [start];
    for (const [i, item] of list.entries()) slots.push(slots[i]! + slotBytes(item, `items[${i}]`));
    const table = new ItemTable(bytes, slots);
    table.#view.setBigInt64(0, BigInt(list.length), true);
    slots.forEach((slot, i) => table.#view.setBigInt64(SLOT_BYTES * (i + 1), BigInt(slot - start), true));
    list.forEach((item, i) => table.#store(i, item));
    return table;
  }

  /** Reads where everything is. Throws StateError when the memory holds no list. */
  static attach(bytes: Uint8Array, name: string): ItemTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const refuse = (): never => {
      throw new StateError(`The shared memory '${name}' holds no ShareableList`);
    };
    if (bytes.byteLength < 2 * SLOT_BYTES) refuse();
    const length = Number(view.getBigInt64(0, true));
    const start = SLOT_BYTES * (length + 2);
    if (length < 0 || start + length * (FORMAT_BYTES + 1) > bytes.byteLength) refuse();
    const slots: number[] = [];
    for (let i = 0; i <= length; i++) {
      const slot = start + Number(view.getBigInt64(SLOT_BYTES * (i + 1), true));
      if (slot % SLOT_BYTES !== 0 || slot < (slots.at(-1) ?? start) + (i === 0 ? 0 : SLOT_BYTES)) refuse();
      slots.push(slot);
    }
    if (slots[length]! + length * (FORMAT_BYTES + 1) > bytes.byteLength) refuse();
    return new ItemTable(bytes, slots);
  }

  read(index: number): ShareableItem {
    const slot = this.#slots[index]!;
    const format = this.#format(index);
    const code = this.#view.getInt8(this.#codeAt(index));
    if (code === CODE.NONE) return null;
    if (code === CODE.TEXT || code === CODE.BYTES) {
      const bytes = this.#bytes.slice(slot, slot + this.#textLength(index, format));
      return code === CODE.BYTES ? bytes : Buffer.from(bytes.buffer).toString('utf8');
    }
    switch (format.trim()) {
      case FORMAT.INTEGER: {
        const value = this.#view.getBigInt64(slot, true);
        return isSafe(value) && format === FORMAT.INTEGER ? Number(value) : value;
      }
      case FORMAT.FLOAT:
        return this.#view.getFloat64(slot, true);
      case FORMAT.BOOLEAN:
        return this.#view.getUint8(slot + 7) !== 0;
      default:
        throw new StateError(`Item ${index} of the ShareableList has the unknown format '${format}'`);
    }
  }

  write(index: number, value: unknown): void {
    const item = stored(value, 'value');
    const room = this.#room(index);
    if (item.bytes.byteLength > room)
      throw outOfRange('value', `at most ${room} bytes long, the room of item ${index}`, item.bytes.byteLength);
    this.#store(index, item);
  }

  get format(): string {
    return Array.from({ length: this.length }, (_, i) => this.#format(i)).join('');
  }

  #store(index: number, { code, format, bytes }: StoredItem): void {
    const slot = this.#slots[index]!;
    const room = this.#room(index);
    const text = format ?? textFormat(bytes, room);
    this.#bytes.fill(0, slot, slot + room);
    this.#bytes.set(bytes, slot);
    const at = this.#formatAt(index);
    this.#bytes.fill(0, at, at + FORMAT_BYTES);
    this.#bytes.set(Buffer.from(text, 'latin1'), at);
    this.#view.setInt8(this.#codeAt(index), code);
  }

  /** Bytes of a text: what its format says, less the NULs that only fill up a slot of CPython's own format. */
  #textLength(index: number, format: string): number {
    const room = this.#room(index);
    const count = Number(/^(\d+)s/.exec(format)?.[1] ?? Number.NaN);
    if (!(count <= room)) throw new StateError(`Item ${index} of the ShareableList has the unknown format '${format}'`);
    if (format !== `${room}s`) return count;
    const slot = this.#slots[index]!;
    let length = count;
    while (length > 0 && this.#bytes[slot + length - 1] === 0) length--;
    return length;
  }

  #room(index: number): number {
    return this.#slots[index + 1]! - this.#slots[index]!;
  }

  #formatAt(index: number): number {
    return this.#slots[this.length]! + index * FORMAT_BYTES;
  }

  #codeAt(index: number): number {
    return this.#slots[this.length]! + this.length * FORMAT_BYTES + index;
  }

  #format(index: number): string {
    const at = this.#formatAt(index);
    return Buffer.from(this.#bytes.subarray(at, at + FORMAT_BYTES))
      .toString('latin1')
      .replace(/\0+$/, '');
  }
}
