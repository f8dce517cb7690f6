// Shared memory of one element type: what values and arrays are made of.
//
//   offset  what
//   0       u32 number of the type, an index into TYPES
//   8       f64 number of elements
//   16      the elements
import { outOfRange, wrongType } from '../validate.js';
import { OWNER } from '../codec/travellers.js';
import { arena } from '../memory/arena.js';
import { arrayClass, TYPES, type ArrayOf, type TypeCode, type TypeName } from '../type-codes.js';
import { letGo } from './handle.js';

const HEADER_BYTES = 16;
const LONGEST_BYTES = 2 ** 32 - 1;

export type AnyArray = ArrayOf<TypeCode | TypeName>;

/** Elements in memory that this environment holds; views of them keep what holds it alive. */
export interface TypedMemory {
  readonly number: number;
  readonly type: TypeCode | TypeName;
  readonly array: AnyArray;
}

/** New memory of zeros. The lock (0: none) lives as long. Throws RangeError for more than 4 GiB. */
export function createMemory(type: TypeCode | TypeName, length: number, lock: number, lockKind: number): TypedMemory {
  const Elements = arrayClass(type);
  const bytes = HEADER_BYTES + length * Elements.BYTES_PER_ELEMENT;
  if (bytes > LONGEST_BYTES) throw outOfRange('size', 'an array of less than 4 GiB', length);
  const { native } = arena();
  const number = native.memoryCreate(bytes, lock, lockKind);
  try {
    const buffer = native.memoryWindow(number);
    // Nobody else knows of it yet.
    new Uint8Array(buffer).fill(0);
    const header = new DataView(buffer, 0, HEADER_BYTES);
    header.setUint32(0, TYPES.indexOf(type), true);
    header.setFloat64(8, length, true);
    return { number, type, array: new Elements(buffer, HEADER_BYTES, length) };
  } catch (error) {
    letGo(number);
    throw error;
  }
}

/** Memory that has arrived and is held. */
export function openMemory(number: number): TypedMemory {
  const buffer = arena().native.memoryWindow(number);
  const header = new DataView(buffer, 0, HEADER_BYTES);
  const type = TYPES[header.getUint32(0, true)] ?? 'uint8';
  return { number, type, array: new (arrayClass(type))(buffer, HEADER_BYTES, header.getFloat64(8, true)) };
}

/** A number or bigint, as the type of the array wants it; whole numbers become bigints. Throws TypeError. */
export function elementOf(name: string, value: unknown, array: AnyArray): number | bigint {
  const isWide = array instanceof BigInt64Array || array instanceof BigUint64Array;
  if (isWide && typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value !== (isWide ? 'bigint' : 'number'))
    throw wrongType(name, isWide ? 'a bigint or a whole number' : 'a number', value);
  return value as number | bigint;
}

/** Whoever has a view of the memory has its owner too, which holds it and travels with the view. */
export function keepOwner(memory: ArrayBufferLike, owner: object): void {
  Object.defineProperty(memory, OWNER, { value: owner, configurable: true });
}

/** A view of the memory is one of any other memory from now on: it is copied where it goes. */
export function forgetOwner(memory: ArrayBufferLike): void {
  Reflect.deleteProperty(memory, OWNER);
}
