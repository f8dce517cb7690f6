// Waits until any of several objects is ready: Python's connection.wait().
import { Readable } from 'node:stream';
import { waitOptions } from './internal/shared/wait-options.js';
import { limited, type WaitOptions } from './internal/job/time-limit.js';
import { READINESS, type Readiness, type Waitable as OwnWaitable } from './internal/shared/waitable.js';
import { isIterable } from './internal/job/items.js';
import { wrongType } from './internal/validate.js';

/** Connections, queues, sentinels of processes, and Node's sockets and readable streams. */
export type Waitable = OwnWaitable | Readable;

/**
 * Waits until at least one of the objects is ready, and resolves to those that are: a connection or queue when taking from
 * it would not wait, a sentinel when its process has ended, a stream when it can be read or has ended. Nothing is taken.
 * Resolves to an empty list after `timeout` ms.
 *
 * @throws StateError when one of them is closed here, before or meanwhile
 * @example
 * const [ready] = await wait([connection, child.sentinel, socket], { timeout: 1000 });
 */
export async function wait<T extends Waitable>(objects: Iterable<T>, options?: WaitOptions): Promise<T[]> {
  const limits = waitOptions(options);
  if (!isIterable(objects)) throw wrongType('objects', 'an iterable of objects to wait for', objects);
  const list = [...objects].map((object, i) => ({ object, readiness: readinessOf(object, `objects[${i}]`) }));
  const ready = (): T[] => list.filter(({ readiness }) => readiness.isReady()).map(({ object }) => object);
  let closed: (() => never) | undefined;
  return await limited(
    (settle) => {
      // Nobody needs to be subscribed to when something is ready already.
      if (list.length > 0 && ready().length > 0) {
        settle();
        return () => undefined;
      }
      let isOver = false;
      const stops: (() => void)[] = [];
      const stop = (): void => {
        isOver = true;
        for (const end of stops.splice(0)) end();
      };
      for (const { readiness } of list) {
        stops.push(
          readiness.onReady((ended) => {
            closed ??= ended;
            // Another may have been faster with what made this one ready.
            if (!isOver && (ended !== undefined || readiness.isReady())) settle();
          }),
        );
      }
      return stop;
    },
    () => closed?.() ?? ready(),
    ready,
    limits,
  );
}

function readinessOf(object: unknown, name: string): Readiness {
  if (typeof object === 'object' && object !== null) {
    if (READINESS in object) return (object as OwnWaitable)[READINESS];
    if (object instanceof Readable) return streamReadiness(object);
  }
  throw wrongType(name, 'a connection, queue, sentinel or readable stream', object);
}

function streamReadiness(stream: Readable): Readiness {
  return {
    isReady: () => stream.readableLength > 0 || stream.readableEnded || stream.destroyed || stream.closed,
    onReady: (listener) => {
      const events = ['readable', 'end', 'close', 'error'] as const;
      // What comes with the event is not for the listener.
      const onEvent = (): void => {
        // Perhaps at its end, which a stream without data tells only when it is looked for.
        if (stream.readableLength === 0) stream.read(0);
        listener();
      };
      for (const event of events) stream.on(event, onEvent);
      return () => {
        for (const event of events) stream.off(event, onEvent);
      };
    },
  };
}
