// A barrier that processes and threads share: all parties wait until the last one has come.
import { inspect } from 'node:util';
import { BrokenBarrierError, CaptureError } from './errors.js';
import { ByteReader } from './internal/codec/byte-reader.js';
import { ByteWriter } from './internal/codec/byte-writer.js';
import { decode } from './internal/codec/decode.js';
import { encode } from './internal/codec/encode.js';
import { captureTask } from './internal/function/capture.js';
import { encodeCaptured } from './internal/function/encode-captured.js';
import { loadDefinition } from './internal/function/instantiate.js';
import { arena, HEADER } from './internal/memory/arena.js';
import { SIDE } from './internal/memory/doorbell.js';
import type { AcquireOptions } from './internal/shared/acquirable.js';
import { Arrival, Handle } from './internal/shared/handle.js';
import { KIND } from './internal/shared/kinds.js';
import { synchronous } from './internal/shared/synchronous.js';
import { NOT_YET, WaitLine, waitSync } from './internal/shared/wait-line.js';
import { blockingOptions, waitOptions } from './internal/shared/wait-options.js';
import { integer, milliseconds, outOfRange, task } from './internal/validate.js';
import type { Task } from './task.js';
import { monotonicMs } from './internal/memory/clock.js';

const MOST_PARTIES = 2 ** 19 - 1;
const PASSAGE = { WAITING: 0, PASSED: 1, BROKEN: 2 } as const;

/** What goes with a barrier to wherever it goes. */
interface Baggage {
  readonly timeout: number | undefined;
  readonly action: { readonly body: unknown; readonly values: unknown } | undefined;
}

/** A party's stay in the barrier. */
interface Stay {
  generation: number;
  index: number;
}

/**
 * A barrier for all processes and threads of the program. It can be an argument, a captured variable, a result or an item
 * of a queue. It is ready for the next round as soon as all have come.
 *
 * It breaks when a wait takes too long or is aborted before all have come, when the action throws, and when a process that has the barrier is
 * killed (but for the one that made it, unless that was a party itself) or ends while it waits: nobody waits for the dead.
 * `reset` mends it.
 *
 * @example
 * const barrier = new Barrier(3);
 * const place = await barrier.wait(); // 0, 1 or 2
 */
export class Barrier {
  /** How many wait for each other. */
  readonly parties: number;
  readonly #handle: Handle;
  readonly #line: WaitLine;
  readonly #timeout: number | undefined;
  #action: (() => unknown) | undefined;
  #inside = 0;

  /**
   * `parties`: how many wait for each other; `action`: what the last one to come does before all go on, in its own process,
   * as the function that was given or, elsewhere, a copy of it (with an action that cannot be captured, it cannot be sent);
   * `timeout`: ms, for every `wait` without one.
   */
  constructor(parties: number, action?: Task<[]> | (() => void), timeout?: number);
  /** @internal */
  constructor(parties: number | Arrival, action?: Task<[]> | (() => void), timeout?: number);
  constructor(parties: number | Arrival, action?: Task<[]> | (() => void), timeout?: number) {
    const { native } = arena();
    let number: number;
    let stays: string | undefined;
    if (parties instanceof Arrival) {
      ({ number } = parties);
      const { timeout: limit, action: captured } = unpack(native.bodyOf(number));
      this.#timeout = limit;
      if (captured !== undefined) this.#action = lazily(captured);
    } else {
      const count = integer('parties', parties, 1);
      if (count > MOST_PARTIES) throw outOfRange('parties', `an integer of at most ${MOST_PARTIES}`, parties);
      this.#timeout = milliseconds('timeout', timeout);
      let baggage = 0;
      try {
        const captured = action === undefined ? undefined : capture(action);
        if (captured !== undefined) this.#action = lazily(captured);
        baggage = pack({ timeout: this.#timeout, action: captured });
      } catch (error) {
        if (typeof action !== 'function' || !(error instanceof CaptureError)) throw error;
        // Its first sentence; the remedies behind it are those of a call.
        stays = `with an action that stays here (${error.message.split('. ')[0]})`;
      }
      if (typeof action === 'function') this.#action = action;
      number = native.barrierCreate(count, baggage);
    }
    this.parties = native.barrierState(number).parties;
    this.#handle = new Handle(this, KIND.BARRIER, number, { stays });
    this.#line = new WaitLine(number, SIDE.CHANGE, { look: () => changesOf(number) });
  }

  /**
   * Waits until all parties are there. Resolves to the place in which this one came, from 0.
   *
   * @throws BrokenBarrierError when the barrier is or gets broken, also by this call after `timeout` ms; what the action throws
   */
  async wait(options?: AcquireOptions): Promise<number> {
    const given = waitOptions(options);
    const { signal } = given;
    const timeout = this.#limit(options, given.timeout);
    const deadline = timeout === undefined ? undefined : monotonicMs() + timeout;
    const barrier = this.#handle.get();
    const stay = this.#enter();
    try {
      if (
        await this.#line.wait(
          () => this.#arrive(barrier, stay),
          () => this.#tooLate(barrier, stay),
          { timeout, signal },
        )
      ) {
        await this.#act(barrier, stay);
        return stay.index;
      }
      await this.#line.wait(
        () => this.#passed(barrier, stay),
        () => this.#tooLate(barrier, stay),
        { timeout: deadline === undefined ? undefined : deadline - monotonicMs(), signal },
      );
      return stay.index;
    } catch (error) {
      if (signal?.aborted === true && error === signal.reason) this.#break(barrier, stay);
      throw error;
    } finally {
      this.#leave(barrier);
    }
  }

  /** `wait` that blocks this thread. The action must not be asynchronous. */
  waitSync(options?: Omit<AcquireOptions, 'signal'>): number {
    const timeout = this.#limit(options, blockingOptions(options).timeout);
    const barrier = this.#handle.get();
    const stay = this.#enter();
    const late = (): true => this.#tooLate(barrier, stay);
    let changes = 0;
    const seen = (): number => changes;
    // Before each attempt: what changes during it makes the barrier ready again.
    const after = <T>(attempt: () => T): T => {
      changes = changesOf(barrier);
      return attempt();
    };
    const deadline = timeout === undefined ? undefined : monotonicMs() + timeout;
    try {
      const last = waitSync(barrier, SIDE.CHANGE, () => after(() => this.#arrive(barrier, stay)), late, timeout, seen);
      if (last) {
        this.#actSync(barrier, stay);
        return stay.index;
      }
      const left = deadline === undefined ? undefined : deadline - monotonicMs();
      waitSync(barrier, SIDE.CHANGE, () => after(() => this.#passed(barrier, stay)), late, left, seen);
      return stay.index;
    } finally {
      this.#leave(barrier);
    }
  }

  /** Breaks the barrier: who waits and who comes gets BrokenBarrierError, until `reset`. */
  abort(): void {
    arena().native.barrierBreak(this.#handle.get());
  }

  /** Makes the barrier as new. Who waits gets BrokenBarrierError. */
  reset(): void {
    arena().native.barrierReset(this.#handle.get());
  }

  /** Parties that wait for others to come. */
  get nWaiting(): number {
    return arena().native.barrierState(this.#handle.get()).arrived;
  }

  /** Whether every `wait` gets BrokenBarrierError, until `reset`. */
  get broken(): boolean {
    return arena().native.barrierState(this.#handle.get()).broken;
  }

  [inspect.custom](): string {
    const state = this.broken ? 'broken' : `${this.nWaiting} of ${this.parties}`;
    return `${this.constructor.name} { ${state} }`;
  }

  /** That of the barrier, unless the call has one of its own; Infinity is one, too, and checked to be no limit. */
  #limit(options: AcquireOptions | undefined, checked: number | undefined): number | undefined {
    return options?.timeout === undefined ? this.#timeout : checked;
  }

  #enter(): Stay {
    this.#inside++;
    return { generation: -1, index: -1 };
  }

  #leave(barrier: number): void {
    if (--this.#inside === 0) arena().native.barrierGoOn(barrier);
  }

  /** Whether this one is the last of its round; NOT_YET while the round before is not through. */
  #arrive(barrier: number, stay: Stay): boolean | typeof NOT_YET {
    const arrived = checked(() => arena().native.barrierArrive(barrier));
    if (arrived === null) return NOT_YET;
    stay.generation = arrived.generation;
    stay.index = arrived.index;
    return arrived.index === this.parties - 1;
  }

  #passed(barrier: number, { generation }: Stay): true | typeof NOT_YET {
    const passage = arena().native.barrierPassage(barrier, generation);
    if (passage === PASSAGE.WAITING) return NOT_YET;
    if (passage === PASSAGE.PASSED) return true;
    throw broken();
  }

  /** True when all were there at the last moment. */
  #tooLate(barrier: number, stay: Stay): true {
    if (this.#break(barrier, stay) === PASSAGE.PASSED) return true;
    throw broken();
  }

  /** Breaks the barrier, unless the round of this one is over; what became of that. */
  #break(barrier: number, { generation }: Stay): number {
    const { native } = arena();
    if (generation >= 0) return native.barrierGiveUp(barrier, generation);
    native.barrierBreak(barrier);
    return PASSAGE.BROKEN;
  }

  async #act(barrier: number, stay: Stay): Promise<void> {
    try {
      await this.#action?.();
    } catch (error) {
      this.#break(barrier, stay);
      throw error;
    }
    this.#pass(barrier, stay);
  }

  #actSync(barrier: number, stay: Stay): void {
    try {
      synchronous('action', 'waitSync', this.#action?.());
    } catch (error) {
      this.#break(barrier, stay);
      throw error;
    }
    this.#pass(barrier, stay);
  }

  #pass(barrier: number, { generation }: Stay): void {
    if (arena().native.barrierPass(barrier, generation) === 0) throw broken();
  }
}

const changesOf = (barrier: number): number => arena().native.barrierState(barrier).changes;

function broken(): BrokenBarrierError {
  return new BrokenBarrierError('The barrier is broken');
}

function checked<R>(operation: () => R): R {
  try {
    return operation();
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BROKEN') throw broken();
    throw error;
  }
}

function capture(action: Task<[]> | (() => void)): { readonly body: unknown; readonly values: unknown } {
  task('action', action);
  const captured = captureTask(action);
  if (captured instanceof Promise)
    throw new CaptureError('Cannot tell at once where `action` is exported; wrap it: () => action()');
  return { body: captured.definition.body, values: captured.values };
}

/** A block with the baggage; 0 when there is none. Throws CaptureError. */
function pack(baggage: Baggage): number {
  if (baggage.timeout === undefined && baggage.action === undefined) return 0;
  const writer = new ByteWriter();
  const handles: number[] = [];
  encode({ timeout: baggage.timeout, body: baggage.action?.body }, writer, { path: 'action' });
  if (baggage.action !== undefined) encodeCaptured(baggage.action.values, writer, { path: 'captured', handles });
  return arena().store(writer.bytes.subarray(0, writer.position), handles);
}

function unpack(block: number): Baggage {
  if (block === 0) return { timeout: undefined, action: undefined };
  const { u8, start } = arena().payload(block);
  const reader = new ByteReader(u8, start, start + arena().word(block, HEADER.LENGTH));
  // Written by `pack` of this same version.
  const { timeout, body } = decode(reader, {}) as { timeout: number | undefined; body: unknown };
  return { timeout, action: body === undefined ? undefined : { body, values: decode(reader, {}) } };
}

/** The function of an action that is loaded when it is first needed. */
function lazily({ body, values }: { readonly body: unknown; readonly values: unknown }): () => unknown {
  let made: unknown;
  return () => {
    made ??= rebuilt(body, values);
    return made instanceof Promise ? made.then((fn: () => unknown) => fn()) : (made as () => unknown)();
  };
}

function rebuilt(body: unknown, values: unknown): unknown {
  const loaded = loadDefinition(body);
  return loaded instanceof Promise ? loaded.then((ready) => ready.instantiate(values)) : loaded.instantiate(values);
}
