// One number that processes and threads share: Python's Value and RawValue.
import { inspect } from 'node:util';
import { add, exchange, write, type Place } from './internal/shared/atomic-element.js';
import { arena } from './internal/memory/arena.js';
import { Arrival, Handle, handleOf, objectOf } from './internal/shared/handle.js';
import { KIND } from './internal/shared/kinds.js';
import { createMemory, elementOf, keepOwner, openMemory } from './internal/shared/typed-memory.js';
import { arrayClass, type TypeCode, type TypeName } from './internal/type-codes.js';
import { callable, optionalObject, wrongType } from './internal/validate.js';
import { Lock } from './lock.js';
import { RLock } from './rlock.js';

/** Types whose values are bigints. */
export type WideType = 'l' | 'L' | 'q' | 'Q' | 'int64' | 'uint64';
/** What a value or element of a type is in JavaScript. */
export type Element<T extends TypeCode | TypeName> = T extends WideType ? bigint : number;

/** Which lock a value or array has. */
export interface LockOptions {
  /** A lock of yours, true for a new RLock (the default), false for none. */
  lock?: boolean | Lock | RLock;
}

/** The lock that the options ask for. */
export function lockOf(options: unknown): Lock | RLock | undefined {
  const { lock = true } = optionalObject('options', options) ?? {};
  if (lock === true) return new RLock();
  if (lock === false) return undefined;
  if (!(lock instanceof Lock || lock instanceof RLock)) throw wrongType('lock', 'a boolean, a Lock or an RLock', lock);
  return lock;
}

/** The lock that lives as long as the memory. */
export function lockBehind(number: number): Lock | RLock | undefined {
  try {
    const { handle, kind } = arena().native.linked(number);
    // The kind says so.
    return objectOf(kind, handle) as Lock | RLock;
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BAD_HANDLE') return undefined;
    throw error;
  }
}

/**
 * A number in shared memory without a lock of its own. It can be an argument, a captured variable, a result or an item of a
 * queue. Reading and writing it is one instruction; `add` and `update` are atomic.
 *
 * @example
 * const done = new RawValue('int32');
 * await pool.map((i) => done.add(1), items); // done.value === items.length
 */
export class RawValue<T extends TypeCode | TypeName = TypeCode | TypeName> {
  readonly #place: Place;

  /**
   * @param type Python's code or its plain name; values of 64-bit integers are bigints
   * @throws TypeError for what is no type or no value of it
   */
  constructor(type: T, value?: number | bigint);
  /** @internal */
  constructor(type: T | Arrival, value?: number | bigint, lock?: Lock | RLock, kind?: number);
  constructor(type: T | Arrival, value: number | bigint = 0, lock?: Lock | RLock, kind: number = KIND.RAW_VALUE) {
    const ticket = lock === undefined ? undefined : handleOf(lock);
    const memory =
      type instanceof Arrival ? openMemory(type.number) : createMemory(type, 1, ticket?.get() ?? 0, ticket?.kind ?? 0);
    this.#place = { array: memory.array, memory: memory.number };
    new Handle(this, kind, memory.number);
    keepOwner(memory.array.buffer, this);
    if (!(type instanceof Arrival)) memory.array[0] = elementOf('value', value, memory.array) as never;
  }

  /** The number now. */
  get value(): Element<T> {
    return this.#place.array[0] as Element<T>;
  }

  /** Stores it as a typed array of the type does. @throws TypeError for what is no number, or no bigint where one is wanted */
  set value(value: Element<T>) {
    write(this.#place, elementOf('value', value, this.#place.array));
  }

  /** Adds atomically and gives the new value; for integers in one instruction. */
  add(amount: number | bigint): Element<T> {
    return add(this.#place, elementOf('amount', amount, this.#place.array)) as Element<T>;
  }

  /**
   * Replaces it atomically by what `fn` makes of it; `fn` may be called again when somebody else was faster. What `fn`
   * itself writes to the value is replaced, too.
   */
  update(fn: (value: Element<T>) => number | bigint): void {
    callable('fn', fn);
    exchange(this.#place, (old) => elementOf('fn(value)', fn(old as Element<T>), this.#place.array));
  }

  /** Undefined: it has none. */
  getLock(): Lock | RLock | undefined {
    return undefined;
  }

  /** The value without a lock: itself. */
  getObj(): RawValue<T> {
    return this;
  }

  [inspect.custom](): string {
    return `${this.constructor.name} { ${String(this.value)} }`;
  }
}

/**
 * A number in shared memory with a lock, for changes that take more than one step. As `RawValue`, and:
 *
 * - `update` runs `fn` with the lock acquired;
 * - `add` does not need the lock: it is atomic by itself. Who reads and writes in two steps must have the lock, and then
 *   must not be disturbed by somebody's `add`.
 *
 * @example
 * const counter = new Value('i', 7);
 * await counter.getLock()?.run(() => { counter.value *= 2; });
 */
export class Value<T extends TypeCode | TypeName = TypeCode | TypeName> extends RawValue<T> {
  readonly #lock: Lock | RLock | undefined;
  readonly #number: number;

  /**
   * @param type Python's code or its plain name; values of 64-bit integers are bigints
   * @throws TypeError for what is no type, no value of it, or no lock
   */
  constructor(type: T, value?: number | bigint, options?: LockOptions);
  /** @internal */
  constructor(type: Arrival);
  constructor(type: T | Arrival, value?: number | bigint, options?: LockOptions) {
    if (!(type instanceof Arrival)) arrayClass(type);
    const lock = type instanceof Arrival ? lockBehind(type.number) : lockOf(options);
    super(type, value, lock, KIND.VALUE);
    this.#lock = lock;
    this.#number = handleOf(this)?.handle ?? 0;
  }

  /** Replaces it by what `fn` makes of it, with the lock acquired: blocks this thread while somebody else has it. */
  override update(fn: (value: Element<T>) => number | bigint): void {
    if (this.#lock === undefined) {
      super.update(fn);
      return;
    }
    using _held = this.#lock.guardSync();
    super.update(fn);
  }

  /** Its lock; undefined after `{ lock: false }`. */
  override getLock(): Lock | RLock | undefined {
    return this.#lock;
  }

  /** The same number without the lock. */
  override getObj(): RawValue<T> {
    return objectOf(KIND.RAW_VALUE, this.#number) as RawValue<T>;
  }
}
