// Numbers that processes and threads share: Python's Array and RawArray.
import { inspect } from 'node:util';
import { MEMORY } from './internal/codec/travellers.js';
import { isIterable } from './internal/job/items.js';
import { Arrival, Handle, handleOf, objectOf } from './internal/shared/handle.js';
import { KIND } from './internal/shared/kinds.js';
import { createMemory, elementOf, keepOwner, openMemory } from './internal/shared/typed-memory.js';
import { arrayClass, type ArrayOf, type TypeCode, type TypeName } from './internal/type-codes.js';
import { callable, integer, outOfRange, wrongType } from './internal/validate.js';
import type { Lock } from './lock.js';
import type { RLock } from './rlock.js';
import { lockBehind, lockOf, type Element, type LockOptions } from './value.js';

/**
 * Reading and writing elements by index goes through this object behind the prototypes, which is slower than `array`.
 * Instances have no own properties of such names, and every index is `in` them: `length` says how many there are.
 */
const indexed = new Proxy(
  {},
  {
    get: (target, key, receiver: RawArray) => {
      const index = indexOf(key);
      return index === undefined ? Reflect.get(target, key) : receiver.array[index];
    },
    set: (target, key, value, receiver: RawArray) => {
      const index = indexOf(key);
      if (index !== undefined) {
        receiver.set(index, value as never);
      } else if (isNumeric(key)) {
        // It would be a property of this object, that nobody else sees.
        throw outOfRange('index', `an integer from 0 to ${receiver.length - 1}`, Number(key));
      } else {
        Object.defineProperty(receiver, key, { value, writable: true, enumerable: true, configurable: true });
      }
      return true;
    },
    // JavaScript tells no trap of a prototype which object was asked, so `in` cannot know the length of this one.
    has: (target, key) => indexOf(key) !== undefined || Reflect.has(target, key),
  },
);

function indexOf(key: string | symbol): number | undefined {
  return typeof key === 'string' && /^(?:0|[1-9]\d{0,15})$/.test(key) ? Number(key) : undefined;
}

/** Whether a key was a number before it became a text, as typed arrays tell it. */
function isNumeric(key: string | symbol): boolean {
  return typeof key === 'string' && (key === '-0' || String(Number(key)) === key);
}

/**
 * Numbers in shared memory without a lock. It can be an argument, a captured variable, a result or an item of a queue;
 * `array` is real memory in every process and thread, and can be given to `pool.map` and to kernels.
 *
 * @example
 * const squares = new RawArray('float64', 1000);
 * await pool.map((i) => { squares.array[i] = i * i; }, Array.from({ length: 1000 }, (_, i) => i));
 */
export class RawArray<T extends TypeCode | TypeName = TypeCode | TypeName> {
  /** All elements: writing one here is seen everywhere. */
  readonly array: ArrayOf<T>;
  [index: number]: Element<T>;

  /**
   * @param type Python's code or its plain name; elements of 64-bit integers are bigints
   * @param sizeOrItems how many zeros, or the elements
   * @throws TypeError, RangeError
   */
  constructor(type: T, sizeOrItems: number | Iterable<number | bigint>);
  /** @internal */
  constructor(type: T | Arrival, sizeOrItems?: number | Iterable<number | bigint>, lock?: Lock | RLock, kind?: number);
  constructor(
    type: T | Arrival,
    sizeOrItems?: number | Iterable<number | bigint>,
    lock?: Lock | RLock,
    kind: number = KIND.RAW_ARRAY,
  ) {
    const memory = type instanceof Arrival ? openMemory(type.number) : filled(type, sizeOrItems, lock);
    // The type of the elements is T's.
    this.array = memory.array as ArrayOf<T>;
    Object.defineProperty(this, 'array', { enumerable: false, writable: false });
    new Handle(this, kind, memory.number);
    keepOwner(memory.array.buffer, this);
  }

  /** How many elements. */
  get length(): number {
    return this.array.length;
  }

  /** The element at `index`, counted from the end when negative. @throws RangeError beyond the ends */
  at(index: number): Element<T> {
    return this.array[this.#position(index)] as Element<T>;
  }

  /** Stores an element as a typed array of the type does. @throws RangeError beyond the ends, TypeError for no number */
  set(index: number, value: number | bigint): void {
    this.array[this.#position(index)] = elementOf('value', value, this.array) as never;
  }

  /** Undefined: it has none. */
  getLock(): Lock | RLock | undefined {
    return undefined;
  }

  /** The array without a lock: itself. */
  getObj(): RawArray<T> {
    return this;
  }

  [Symbol.iterator](): IterableIterator<Element<T>> {
    return this.array[Symbol.iterator]() as IterableIterator<Element<T>>;
  }

  [inspect.custom](): string {
    return `${this.constructor.name} ${inspect(this.array)}`;
  }

  /** A view of this memory travels as part of this object. @internal */
  get [MEMORY](): ArrayBuffer {
    // Memory of the arena is no SharedArrayBuffer to JavaScript.
    return this.array.buffer as ArrayBuffer;
  }

  #position(index: unknown): number {
    if (typeof index !== 'number') throw wrongType('index', 'an integer', index);
    const position = index < 0 ? index + this.length : index;
    if (!Number.isInteger(index) || position < 0 || position >= this.length)
      throw outOfRange('index', `an integer from ${-this.length} to ${this.length - 1}`, index);
    return position;
  }
}

Object.setPrototypeOf(RawArray.prototype, indexed);

/**
 * Numbers in shared memory with a lock, for changes that take more than one step; also exported as `Array`.
 *
 * @example
 * const counts = new SharedArray('i', [1, 2, 3]);
 * await counts.withLock(() => { counts[0] += 1; });
 */
export class SharedArray<T extends TypeCode | TypeName = TypeCode | TypeName> extends RawArray<T> {
  readonly #lock: Lock | RLock | undefined;
  readonly #number: number;

  constructor(type: T, sizeOrItems: number | Iterable<number | bigint>, options?: LockOptions);
  /** @internal */
  constructor(type: Arrival);
  constructor(type: T | Arrival, sizeOrItems?: number | Iterable<number | bigint>, options?: LockOptions) {
    if (!(type instanceof Arrival)) arrayClass(type);
    const lock = type instanceof Arrival ? lockBehind(type.number) : lockOf(options);
    super(type, sizeOrItems, lock, KIND.ARRAY);
    this.#lock = lock;
    this.#number = handleOf(this)?.handle ?? 0;
  }

  /** Its lock; undefined after `{ lock: false }`. */
  override getLock(): Lock | RLock | undefined {
    return this.#lock;
  }

  /** The same numbers without the lock. */
  override getObj(): RawArray<T> {
    return objectOf(KIND.RAW_ARRAY, this.#number) as RawArray<T>;
  }

  /** Runs `fn` with the lock acquired, and without one if there is none. */
  async withLock<R>(fn: (array: this) => R | Promise<R>): Promise<R> {
    callable('fn', fn);
    return this.#lock === undefined ? fn(this) : this.#lock.run(() => fn(this));
  }
}

function filled(
  type: TypeCode | TypeName,
  sizeOrItems: unknown,
  lock: Lock | RLock | undefined,
): ReturnType<typeof createMemory> {
  const Elements = arrayClass(type);
  const ticket = lock === undefined ? undefined : handleOf(lock);
  const create = (length: number): ReturnType<typeof createMemory> =>
    createMemory(type, length, ticket?.get() ?? 0, ticket?.kind ?? 0);
  if (typeof sizeOrItems === 'number') return create(integer('sizeOrItems', sizeOrItems, 0));
  if (!isIterable(sizeOrItems))
    throw wrongType('sizeOrItems', 'a number of elements or an iterable of them', sizeOrItems);
  const probe = new Elements(0);
  const items = Array.from(sizeOrItems, (item, i) => elementOf(`sizeOrItems[${i}]`, item, probe));
  const memory = create(items.length);
  items.forEach((item, i) => {
    memory.array[i] = item as never;
  });
  return memory;
}
