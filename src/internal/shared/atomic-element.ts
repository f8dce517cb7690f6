// One element of shared memory, read and changed atomically: by machine instructions where there are any for its type.
//
// Atomics work on integers. A float is changed by comparing and exchanging its bits; an element of one or two bytes, or of
// four, has an integer type of its own. Memory of the arena is no SharedArrayBuffer to JavaScript, but V8 uses the same
// instructions for it.
import type { AnyArray } from './typed-memory.js';

type Number = number | bigint;

/** `change(old)` gives the new value; it may be called again when somebody was faster. Returns what was stored. */
export function exchange(array: AnyArray, index: number, change: (old: Number) => Number): Number {
  if (array instanceof Float64Array || array instanceof Float32Array) return exchangeFloat(array, index, change);
  // All others are arrays of integers, whose element type is that of what is read.
  const words = array as BigInt64Array;
  for (;;) {
    const old = Atomics.load(words, index);
    const next = change(old) as bigint;
    if (Atomics.compareExchange(words, index, old, next) === old) return Atomics.load(stored(words, next), 0);
  }
}

/** Adds to an integer in one instruction; returns the new value. */
export function add(array: AnyArray, index: number, amount: Number): Number {
  if (array instanceof Float64Array || array instanceof Float32Array)
    return exchangeFloat(array, index, (old) => (old as number) + (amount as number));
  const words = array as BigInt64Array;
  const old = Atomics.add(words, index, amount as bigint);
  const cell = stored(words, old);
  Atomics.add(cell, 0, amount as bigint);
  return Atomics.load(cell, 0);
}

const cells = new Map<unknown, BigInt64Array>();

/** A cell of the same type that holds the value as the type stores it, until the next call. */
function stored(like: BigInt64Array, value: bigint): BigInt64Array {
  const Elements = like.constructor as BigInt64ArrayConstructor;
  let cell = cells.get(Elements);
  if (cell === undefined) cells.set(Elements, (cell = new Elements(1)));
  cell[0] = value;
  return cell;
}

function exchangeFloat(array: Float64Array | Float32Array, index: number, change: (old: Number) => Number): number {
  const at = array.byteOffset + index * array.BYTES_PER_ELEMENT;
  const isWide = array instanceof Float64Array;
  const cell = new (isWide ? Float64Array : Float32Array)(2);
  const [words, bits] = isWide
    ? [new BigInt64Array(array.buffer, at, 1), new BigInt64Array(cell.buffer)]
    : [new Int32Array(array.buffer, at, 1), new Int32Array(cell.buffer)];
  for (;;) {
    // cell[0] is what was there, cell[1] what shall be; `bits` are the same two as integers.
    bits[0] = Atomics.load(words as BigInt64Array, 0) as never;
    cell[1] = change(cell[0] ?? 0) as number;
    const seen = Atomics.compareExchange(words as BigInt64Array, 0, bits[0] as never, bits[1] as never);
    if ((seen as unknown) === bits[0]) return cell[1];
  }
}
