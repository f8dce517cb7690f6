// One element of shared memory, read and changed atomically: by machine instructions where there are any for its type.
//
// Atomics work on integers. A float is changed by comparing and exchanging its bits; an element of one or two bytes, or of
// four, has an integer type of its own. Memory of the arena is no SharedArrayBuffer to JavaScript, but V8 uses the same
// instructions for it.
import type { AnyArray } from './typed-memory.js';

type Number = number | bigint;

/** The first element of an array in memory of this number. */
export interface Place {
  readonly array: AnyArray;
  readonly memory: number;
}

/** A change whose function runs in this thread. */
interface Change {
  readonly memory: number;
  /** What was read, or what the function itself has written there since: it does not disturb itself. */
  known: Number;
}

const running: Change[] = [];

/** `change(old)` gives the new value; it may be called again when somebody was faster. Returns what was stored. */
export function exchange(place: Place, change: (old: Number) => Number): Number {
  const { array } = place;
  if (array instanceof Float64Array || array instanceof Float32Array) return exchangeFloat(array, place, change);
  // All others are arrays of integers, whose element type is that of what is read.
  const words = array as BigInt64Array<ArrayBuffer>;
  for (;;) {
    const { next, known } = made(change, Atomics.load(words, 0), place);
    if (Atomics.compareExchange(words, 0, known as bigint, next as bigint) === known)
      return noted(place, Atomics.load(stored(words, next), 0));
  }
}

/** Adds to an integer in one instruction; returns the new value. */
export function add(place: Place, amount: Number): Number {
  const { array } = place;
  if (array instanceof Float64Array || array instanceof Float32Array)
    return exchangeFloat(array, place, (old) => (old as number) + (amount as number));
  const words = array as BigInt64Array<ArrayBuffer>;
  const old = Atomics.add(words, 0, amount as bigint);
  const cell = stored(words, old);
  Atomics.add(cell, 0, amount as bigint);
  return noted(place, Atomics.load(cell, 0));
}

export function write(place: Place, value: Number): void {
  place.array[0] = value as never;
  if (running.length > 0) noted(place, stored(place.array, value)[0]!);
}

/** What the function makes of the old value, and what is there if nobody else has changed it meanwhile. */
function made(change: (old: Number) => Number, old: Number, { memory }: Place): { next: Number; known: Number } {
  const mine: Change = { memory, known: old };
  running.push(mine);
  try {
    return { next: change(old), known: mine.known };
  } finally {
    running.pop();
  }
}

/** Tells the functions around this write what it left there. */
function noted(place: Place, value: Number): Number {
  for (const change of running) if (change.memory === place.memory) change.known = value;
  return value;
}

const cells = new Map<unknown, BigInt64Array>();

/** A cell of the same type that holds the value as the type stores it, until the next call. */
function stored(like: AnyArray, value: Number): BigInt64Array {
  const Elements = like.constructor as BigInt64ArrayConstructor;
  let cell = cells.get(Elements);
  if (cell === undefined) cells.set(Elements, (cell = new Elements(1)));
  cell[0] = value as bigint;
  return cell;
}

function exchangeFloat(array: Float64Array | Float32Array, place: Place, change: (old: Number) => Number): Number {
  const at = array.byteOffset;
  const isWide = array instanceof Float64Array;
  const cell = new (isWide ? Float64Array : Float32Array)(2);
  const [words, bits] = isWide
    ? [new BigInt64Array(array.buffer, at, 1), new BigInt64Array(cell.buffer)]
    : [new Int32Array(array.buffer, at, 1), new Int32Array(cell.buffer)];
  for (;;) {
    // cell[0] is what was there, cell[1] what shall be; `bits` are the same two as integers.
    bits[0] = Atomics.load(words as BigInt64Array, 0) as never;
    const old = cell[0]!;
    const { next, known } = made(change, old, place);
    // Only then: writing a NaN anew could change its bits.
    if (!Object.is(known, old)) cell[0] = known as number;
    cell[1] = next as number;
    const seen = Atomics.compareExchange(words as BigInt64Array, 0, bits[0] as never, bits[1] as never);
    if ((seen as unknown) === bits[0]) return noted(place, cell[1]);
  }
}
