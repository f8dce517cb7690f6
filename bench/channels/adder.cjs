// A thread that adds to a number by Atomics, as often as it is told.
const { parentPort, workerData } = require('node:worker_threads');

parentPort.on('message', (count) => {
  for (let n = 0; n < count; n++) Atomics.add(workerData, 0, 1);
  parentPort.postMessage(count);
});
