// A flag that processes and threads share and wait for.
import { inspect } from 'node:util';
import { arena } from './internal/memory/arena.js';
import { SIDE } from './internal/memory/doorbell.js';
import type { AcquireOptions } from './internal/shared/acquirable.js';
import { Arrival, Handle } from './internal/shared/handle.js';
import { KIND } from './internal/shared/kinds.js';
import { NOT_YET, WaitLine, waitSync } from './internal/shared/wait-line.js';
import { blockingOptions, waitOptions } from './internal/shared/wait-options.js';

/**
 * A flag for all processes and threads of the program. It can be an argument, a captured variable, a result or an item of a
 * queue. `set` wakes everybody who waits and never waits for them, whether they live, are stopped or are dead.
 *
 * @example
 * const stop = new Event();
 * await pool.apply(async () => { while (!stop.isSet()) await step(); });
 */
export class Event {
  readonly #handle: Handle;
  readonly #line: WaitLine;

  constructor();
  /** @internal */
  constructor(arrival?: Arrival) {
    const number = arrival instanceof Arrival ? arrival.number : arena().native.eventCreate();
    this.#handle = new Handle(this, KIND.EVENT, number);
    this.#line = new WaitLine(number, SIDE.CHANGE, { look: () => arena().native.eventChanges(number) });
  }

  /** Whether the flag is up now. */
  isSet(): boolean {
    return arena().native.eventIsSet(this.#handle.get()) !== 0;
  }

  /** Puts the flag up and wakes everybody who waits. */
  set(): void {
    arena().native.eventSet(this.#handle.get(), 1);
  }

  /** Takes the flag down. */
  clear(): void {
    arena().native.eventSet(this.#handle.get(), 0);
  }

  /** Resolves to true when the flag is up, or was meanwhile; to false after `timeout` ms. */
  async wait(options?: AcquireOptions): Promise<boolean> {
    const limits = waitOptions(options);
    const { native } = arena();
    const event = this.#handle.get();
    const before = native.eventChanges(event);
    return await this.#line.wait(
      () => this.#isUp(event, before) || NOT_YET,
      () => false,
      limits,
    );
  }

  /** `wait` that blocks this thread. */
  waitSync(options?: Omit<AcquireOptions, 'signal'>): boolean {
    const { timeout } = blockingOptions(options);
    const event = this.#handle.get();
    const before = arena().native.eventChanges(event);
    const up = (): true | typeof NOT_YET => this.#isUp(event, before) || NOT_YET;
    return waitSync<boolean>(
      event,
      SIDE.CHANGE,
      up,
      () => false,
      timeout,
      () => before,
    );
  }

  #isUp(event: number, before: number): boolean {
    const { native } = arena();
    return native.eventIsSet(event) !== 0 || native.eventChanges(event) !== before;
  }

  [inspect.custom](): string {
    return `${this.constructor.name} { ${this.isSet() ? 'set' : 'unset'} }`;
  }
}
