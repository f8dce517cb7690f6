// The engine of a pool. It does not refer to its pool, so that a pool which nobody holds any more is seen to be forgotten.
import type { Engine, EngineEvents } from './internal/engine/engine.js';
import { LocalEngine } from './internal/engine/local-engine.js';
import type { LocalSettings } from './internal/engine/settings.js';
import type { NativeThreads } from './internal/kernel/native-threads.js';
import { prepareWhile } from './internal/kernel/preparation.js';
import type { PoolEvents } from './pool-events.js';
import type { OpenIterator } from './result-iterator.js';

// A forgotten pool cannot be used, so it is ended.
const forgotten = new FinalizationRegistry<Engine>((engine) => {
  if (engine.hasEnded) return;
  process.emitWarning(
    'A pool was garbage-collected while it was running; call close() or terminate(), or declare it with `await using`',
    {
      type: 'ResourceWarning',
      code: 'MANYHANDS_POOL_NOT_CLOSED',
    },
  );
  engine.close();
});

/** Starts the workers; the native threads end with them. */
export function startEngine(
  settings: LocalSettings,
  events: PoolEvents,
  sources: ReadonlySet<OpenIterator>,
  threads: NativeThreads,
): Engine {
  const ready = (): void => prepareWhile(() => engine.isIdle);
  const engine = new LocalEngine(settings, engineEvents(events, sources, ready));
  void engine.ended.then(() => threads.end());
  return engine;
}

function engineEvents(events: PoolEvents, sources: ReadonlySet<OpenIterator>, ready: () => void): EngineEvents {
  return {
    ready,
    workerStart: (worker) => events.emit('workerStart', worker),
    workerExit: (worker) => events.emit('workerExit', worker),
    error: events.failed,
    drain: () => events.emit('drain'),
    failed: (error) => {
      for (const source of [...sources]) source.fail(error);
    },
  };
}

/** Ends the engine when nobody holds the pool any more. */
export function endWithPool(pool: object, engine: Engine): void {
  forgotten.register(pool, engine, engine);
}

/** The pool was closed or terminated: what ends its engine now is not that it is forgotten. */
export function endByCall(engine: Engine): void {
  forgotten.unregister(engine);
}
