// Semaphores that processes and threads share; the permits of the dead come back.
import { inspect } from 'node:util';
import { arena } from './internal/memory/arena.js';
import { ACQUIRER, Acquirable, Acquirer, released } from './internal/shared/acquirable.js';
import { Arrival, Handle } from './internal/shared/handle.js';
import { KIND } from './internal/shared/kinds.js';
import { integer, outOfRange } from './internal/validate.js';

const LARGEST_VALUE = 2 ** 31 - 1;

/**
 * A number of permits for all processes and threads of the program: `acquire` takes one, `release` gives one back, or one
 * more than there were. It can be an argument, a captured variable, a result or an item of a queue.
 *
 * Up to 1,024 permits know who has them: when that process or thread dies, they are free again, and who gets one finds
 * `ownerDied`. Further ones are only counted and lost with who has them.
 *
 * @example
 * const connections = new Semaphore(3); // at most three at a time, in all processes together
 * await connections.run(() => fetch(url));
 */
export class Semaphore extends Acquirable {
  protected readonly [ACQUIRER]: Acquirer;
  readonly #handle: Handle;

  /** `value`: permits at the beginning, at most 2^31 - 1. */
  constructor(value?: number);
  /** @internal */
  constructor(value: number | Arrival | undefined, kind: number);
  constructor(value: number | Arrival = 1, kind: number = KIND.SEMAPHORE) {
    super();
    const number = value instanceof Arrival ? value.number : make(value, kind === KIND.BOUNDED_SEMAPHORE);
    this.#handle = new Handle(this, kind, number);
    this[ACQUIRER] = new Acquirer(number);
  }

  /** Permits that are free now. */
  getValue(): number {
    return arena().native.permits(this.#handle.get());
  }

  /** Whether no permit is free. */
  locked(): boolean {
    return this.getValue() === 0;
  }

  /** Whether a permit was acquired here whose owner before died with it. Until it is released. */
  get ownerDied(): boolean {
    return arena().native.permitOwnerDied(this.#handle.get()) !== 0;
  }

  protected claim(): () => boolean {
    const { native } = arena();
    return () => native.permitAcquire(this.#handle.get()) !== 0;
  }

  /** Gives a permit back, or adds one when none was acquired here. */
  release(): void {
    released(() => arena().native.permitRelease(this.#handle.get()));
  }

  [inspect.custom](): string {
    return `${this.constructor.name} { value: ${this.getValue()} }`;
  }
}

/** A semaphore whose permits never become more: a `release` too many is a StateError. */
export class BoundedSemaphore extends Semaphore {
  constructor(value?: number);
  /** @internal */
  constructor(value?: number | Arrival) {
    super(value, KIND.BOUNDED_SEMAPHORE);
  }
}

function make(value: unknown, bounded: boolean): number {
  const permits = integer('value', value, 0);
  if (permits > LARGEST_VALUE) throw outOfRange('value', `an integer of at most ${LARGEST_VALUE}`, value);
  return arena().native.semaphoreCreate(permits, bounded);
}
