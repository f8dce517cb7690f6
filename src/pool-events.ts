// The events of a pool, kept apart from its work: whatever a listener does, the pool goes on.
import { EventEmitter } from 'node:events';

export type PoolEvent = 'workerStart' | 'workerExit' | 'error' | 'drain';

export class PoolEvents {
  readonly #emitter = new EventEmitter();

  on(event: PoolEvent, listener: (...args: never[]) => void): void {
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
    else process.emitWarning(error instanceof Error ? error : new Error(String(error)));
  };
}
