// The pool's side of one worker: its queue, what it was sent, and what it knows.
import type { MessagePort } from 'node:worker_threads';
import { entryOf, HEADER, type Arena } from '../memory/arena.js';
import { nativeFile } from '../native.js';
import { identity, nextChildPath } from '../worker/identity.js';
import type { Launch, LaunchOptions, Launched, WorkerDescriptor, ExitStatus } from '../worker/launch.js';
import type { InFlight } from './in-flight.js';

/**
 * Legal: (waiting ->) starting -> ready -> retiring -> exited; any but exited -> stopping -> exited.
 * `waiting`: it gets nothing before its initializer is known; `retiring`: it was told to finish; `stopping`: it was killed by us.
 */
export type WorkerState = 'waiting' | 'starting' | 'ready' | 'retiring' | 'stopping' | 'exited';

// Enough for two batches and the functions they need; what does not fit waits in `#backlog`.
const INBOX_CAPACITY = 64;

export class WorkerSlot {
  readonly id: number;
  /** Names it in the participant table. */
  readonly reservation: number;
  readonly inFlight: InFlight[] = [];
  /** The numbers of probes that it has not answered yet, in the order in which it will. */
  readonly probes: number[] = [];
  /** Ids of the functions it was sent. */
  readonly known = new Set<number>();
  state: WorkerState = 'starting';
  /** Tasks it may still be sent (maxTasksPerChild). */
  tasksLeft: number;
  /** monotonicMs() when it came to the first of `inFlight`. */
  turnAt = 0;
  /** An uncaught error it reported before it ended. */
  fault: { readonly error: unknown } | undefined;
  readonly #arena: Arena;
  readonly #inbox: number;
  readonly #launched: Launched;
  readonly #backlog: number[] = [];

  constructor(
    arena: Arena,
    id: number,
    outbox: number,
    launch: Launch,
    options: LaunchOptions,
    plan: { readonly tasks: number; readonly memory: WorkerDescriptor['memory']; readonly initializes: boolean },
    onExit: (worker: WorkerSlot, status: ExitStatus) => void,
  ) {
    this.#arena = arena;
    this.id = id;
    this.tasksLeft = plan.tasks;
    this.reservation = arena.native.reserve();
    try {
      this.#inbox = arena.native.queueCreate(INBOX_CAPACITY);
    } catch (error) {
      arena.native.bury(this.reservation);
      throw error;
    }
    const descriptor: WorkerDescriptor = {
      reservation: this.reservation,
      inbox: this.#inbox,
      outbox,
      binary: nativeFile(),
      parentPid: process.pid,
      parentEntry: arena.entry,
      diesWithParent: true,
      identity: {
        name: options.name,
        daemon: true,
        path: nextChildPath(),
        parentName: identity().name,
        parentPid: process.pid,
        parentStarted: arena.native.startTime(process.pid),
        logLevel: identity().logLevel,
        logsToStderr: identity().logsToStderr,
      },
      initializes: plan.initializes,
      memory: plan.memory,
    };
    try {
      this.#launched = launch(descriptor, options, (status) => onExit(this, status));
    } catch (error) {
      arena.native.queueDestroy(this.#inbox);
      arena.native.bury(this.reservation);
      throw error;
    }
  }

  /** The number of its participant entry: what is stamped on its messages. */
  get entry(): number {
    return entryOf(this.reservation);
  }

  get pid(): number {
    return this.#launched.pid;
  }

  get port(): MessagePort | undefined {
    return this.#launched.port;
  }

  get threadId(): number {
    return this.#launched.threadId;
  }

  /** Whether it can be sent tasks. */
  get accepts(): boolean {
    return (this.state === 'ready' || this.state === 'starting') && this.tasksLeft > 0;
  }

  /** Publishes a block to the worker; from now on the queue, and then the worker, has it. */
  send(block: number, kind: number): void {
    this.#arena.setWord(block, HEADER.KIND, kind);
    if (this.#backlog.length > 0 || this.#arena.native.put(this.#inbox, block) === 0) this.#backlog.push(block);
  }

  /** Sends what found the queue full; whether something could be sent. */
  flush(): boolean {
    const { length } = this.#backlog;
    while (this.#backlog.length > 0) {
      const block = this.#backlog[0];
      if (block === undefined || this.#arena.native.put(this.#inbox, block) === 0) break;
      this.#backlog.shift();
    }
    return this.#backlog.length < length;
  }

  kill(): void {
    if (this.state === 'exited') return;
    this.state = 'stopping';
    this.#launched.kill();
  }

  /** Its exit status without the help of the event loop; undefined while it lives. */
  poll(): ExitStatus | undefined {
    return this.#launched.poll();
  }

  ref(): void {
    this.#launched.ref();
  }

  /** Frees everything that belonged to the worker. Only after its end is known from the system. */
  bury(): void {
    const { native } = this.#arena;
    // It may have ended before it joined: then its entry is still reserved.
    native.bury(this.reservation);
    // What it had not taken: batches are leased and freed by their pool, messages are freed here.
    try {
      for (;;) {
        const block = native.take(this.#inbox);
        if (block === 0) break;
        this.#discard(block);
      }
    } catch (error) {
      // A message that is none: the rest goes with the queue.
      this.fault ??= { error };
    }
    for (const block of this.#backlog.splice(0)) this.#discard(block);
    native.queueDestroy(this.#inbox);
  }

  #discard(block: number): void {
    if (!this.inFlight.some(({ batch }) => batch.block === block)) this.#arena.discard(block);
  }
}
