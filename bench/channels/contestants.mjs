// Who takes part in the cases of messages. A way is what of a peer is used; where a side can block, there is a way for it.

const BLOCKING = ', blocking';

/** Whether both sides block their threads instead of waiting in their event loops. */
export const isBlocking = (way) => way.endsWith(BLOCKING);
export const objectOf = (way) => (isBlocking(way) ? way.slice(0, -BLOCKING.length) : way);
const blocking = (ways) => ways.map((way) => `${way}${BLOCKING}`);

const entry = (peer, kind, way, name) => ({ name, peer, kind, way, program: `channels/${peer}.mjs` });

/** Processes and threads of manyhands, for each way. */
export const ours = (...ways) =>
  ways.flatMap((way) => [
    entry('manyhands', 'process', way, `manyhands ${way}, processes`),
    entry('manyhands', 'thread', way, `manyhands ${way}, threads`),
  ]);
export const oursBlocking = (...ways) => ours(...blocking(ways));
export const only = (kind, entries) => entries.filter((one) => one.kind === kind);

const THREADS = {
  port: 'MessagePort',
  moved: 'MessagePort, moved',
  broadcast: 'BroadcastChannel',
  atomics: 'Atomics.add',
  worker: 'worker_threads.Worker',
};
const PROCESSES = {
  json: 'child_process.send, JSON',
  advanced: 'child_process.send, advanced',
  fork: 'child_process.fork',
};

/** Of Node itself. */
export const threads = (...ways) =>
  ways.map((way) =>
    entry('worker-thread', 'thread', way, `${THREADS[objectOf(way)]}${isBlocking(way) ? BLOCKING : ''}`),
  );
export const threadsBlocking = (...ways) => threads(...blocking(ways));
export const processes = (...ways) => ways.map((way) => entry('child-process', 'process', way, PROCESSES[way]));

/** Python's; its calls all block. */
export const python = (...ways) =>
  ways.map((way) => ({
    name: `Python's ${way}`,
    peer: 'python',
    kind: 'process',
    way,
    program: 'channels/python_messages.py',
  }));
