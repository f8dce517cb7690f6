// A lock that processes and threads share; that of a dead owner is free again.
import { inspect } from 'node:util';
import { StateError } from './errors.js';
import { arena } from './internal/memory/arena.js';
import { ACQUIRER, Acquirable, Acquirer, type AcquireOptions, HANDLE, released } from './internal/shared/acquirable.js';
import { Arrival, Handle } from './internal/shared/handle.js';
import { KIND } from './internal/shared/kinds.js';
import { blockingOptions } from './internal/shared/wait-options.js';

const OWNER = 0x7ff;
const OWNER_DIED = 1 << 16;

/** A lock that was given up for a while. */
export interface Suspended {
  resume(): Promise<void>;
  resumeSync(): void;
}

/** What locks of both kinds have in common. */
export abstract class AnyLock extends Acquirable {
  protected readonly [HANDLE]: Handle;
  protected readonly [ACQUIRER]: Acquirer;

  /** @internal */
  constructor(arrival: Arrival | undefined, kind: number, release?: (number: number) => void) {
    super();
    const number = arrival instanceof Arrival ? arrival.number : arena().native.lockCreate();
    this[HANDLE] = new Handle(this, kind, number, {}, release === undefined ? undefined : () => release(number));
    this[ACQUIRER] = new Acquirer(number);
  }

  /**
   * `acquire` that blocks this thread.
   *
   * @throws StateError when this thread has it already and there is no `timeout`: nobody could release it
   */
  override acquireSync(options?: Omit<AcquireOptions, 'signal'>): boolean {
    const { timeout } = blockingOptions(options);
    const claim = this.claim();
    if (claim()) return true;
    if (timeout === undefined && this.isHere)
      throw new StateError('This thread has the lock already: it would block for ever, as nobody else can release it');
    return this[ACQUIRER].acquireSync(claim, { timeout });
  }

  /** Whether anybody has it, anywhere. */
  locked(): boolean {
    return (this.state & OWNER) !== 0;
  }

  /** Whether it was acquired here from an owner that died with it: what it guards may be half done. Until `release`. */
  get ownerDied(): boolean {
    return this.state === (arena().entry | OWNER_DIED);
  }

  /** For a condition: gives up all that who calls has acquired. @internal @throws StateError when it is not the owner */
  abstract suspend(): Suspended;

  /** For a condition. @internal */
  abstract get isOwned(): boolean;

  /** @internal */
  protected suspended(attempt: () => boolean): Suspended {
    const acquirer = this[ACQUIRER];
    return {
      resume: async () => void (await acquirer.acquire(attempt, {})),
      resumeSync: () => void acquirer.acquireSync(attempt, {}),
    };
  }

  protected get state(): number {
    return arena().native.lockState(this[HANDLE].get());
  }

  /** Whether this process or thread has it. */
  protected get isHere(): boolean {
    return (this.state & OWNER) === arena().entry;
  }

  [inspect.custom](): string {
    const owner = this.isHere ? 'here' : this.locked() ? 'elsewhere' : 'free';
    return `${this.constructor.name} { ${owner} }`;
  }
}

/**
 * A lock for all processes and threads of the program. It can be an argument, a captured variable, a result or an item of a
 * queue. Its owner is the process or thread that acquired it: only there it is released. It is not re-entrant.
 *
 * When the owner dies, the next one gets it and finds `ownerDied`. It goes to whoever comes first when it is free: who
 * releases it and wants it again at once may well get it. Acquiring a free lock and releasing it takes no system call.
 *
 * @example
 * const lock = new Lock();
 * await pool.map((i) => lock.run(() => appendFile('log', `${i}\n`)), [1, 2, 3]);
 */
export class Lock extends AnyLock {
  constructor();
  /** @internal */
  constructor(arrival?: Arrival) {
    super(arrival, KIND.LOCK);
  }

  protected claim(): () => boolean {
    const { native } = arena();
    return () => native.lockAcquire(this[HANDLE].get()) !== 0;
  }

  /** Gives it to whoever comes next. @throws StateError when this process or thread has not acquired it */
  release(): void {
    released(() => arena().native.lockRelease(this[HANDLE].get()));
  }

  /** @internal */
  get isOwned(): boolean {
    return this.isHere;
  }

  /** @internal */
  suspend(): Suspended {
    this.release();
    return this.suspended(this.claim());
  }
}
