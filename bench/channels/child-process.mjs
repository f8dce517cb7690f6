// child_process.fork and its messages, serialised as JSON or by V8.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { monotonicMs } from '../measure.mjs';

/** Messages between two that a sender waits for: without that all of a stream would wait in memory. */
const UNWAITED = 1000;

/** @param {{ way: 'json' | 'advanced', part: string }} options */
export async function connect({ way, part, ...options }) {
  const given = [part, JSON.stringify(options)];
  const child = fork(fileURLToPath(import.meta.url), given, { serialization: way });
  await once(child, 'spawn');
  return {
    ...endOf(child),
    async close() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

function endOf(channel) {
  let sent = 0;
  return {
    send(message) {
      if (++sent % UNWAITED !== 0) return void channel.send(message);
      return new Promise((resolve) => channel.send(message, resolve));
    },
    listen: (take) => void channel.on('message', take),
  };
}

/** Milliseconds from the start of a child to its first line. */
export function starter() {
  const file = fileURLToPath(new URL('first-line.cjs', import.meta.url));
  return async () => {
    const begun = monotonicMs();
    const child = fork(file);
    const [stamp] = await once(child, 'message');
    await once(child, 'exit');
    return stamp - begun;
  };
}

// The other side.
if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  const { PARTS } = await import('./parts.mjs');
  const [, , part, options] = process.argv;
  void PARTS[part](endOf(process), JSON.parse(options));
}
