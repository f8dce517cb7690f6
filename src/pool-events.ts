// The events of a pool, kept apart from its work: whatever a listener does, the pool goes on.
import { EventEmitter } from 'node:events';
import { inspect } from 'node:util';
import { outOfRange, wrongType } from './internal/validate.js';

/** What `pool.on` listens to. */
export type PoolEvent = 'workerStart' | 'workerExit' | 'error' | 'drain';

const EVENTS: readonly string[] = ['workerStart', 'workerExit', 'error', 'drain'] satisfies PoolEvent[];

export class PoolEvents {
  readonly #emitter = new EventEmitter();

  on(event: PoolEvent, listener: (...args: never[]) => void): void {
    if (!EVENTS.includes(event)) {
      const must = `one of ${EVENTS.map((name) => `'${name}'`).join(', ')}`;
      throw typeof event === 'string' ? outOfRange('event', must, event) : wrongType('event', must, event);
    }
    if (typeof listener !== 'function') throw wrongType('listener', 'a function', listener);
    this.#emitter.on(event, listener as (...args: unknown[]) => void);
  }

  /** A listener that throws is an uncaught exception, as with every emitter, but does not disturb the caller. */
  emit(event: PoolEvent, ...args: unknown[]): void {
    try {
      this.#emitter.emit(event, ...args);
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }

  /** Something failed that no pending call can be told of; without a listener it becomes a warning. */
  readonly failed = (error: unknown): void => {
    if (this.#emitter.listenerCount('error') > 0) this.emit('error', error);
    else process.emitWarning(warningOf(error));
  };
}

/** Node prints the cause of no warning, which may be all that tells what went wrong, but it prints a text as its `detail`. */
function warningOf(error: unknown): Error {
  const warning = error instanceof Error ? error : new Error(inspect(error));
  if (Object.hasOwn(warning, 'cause') && !('detail' in warning) && Object.isExtensible(warning))
    Object.defineProperty(warning, 'detail', { value: `[cause]: ${inspect(warning.cause)}`, configurable: true });
  return warning;
}
