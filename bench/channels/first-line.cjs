// The whole program of a child of Node's own: tells the time.
const { parentPort } = require('node:worker_threads');

const [seconds, nanoseconds] = process.hrtime();
const stamp = seconds * 1000 + nanoseconds / 1e6;
if (parentPort === null) process.send(stamp, () => process.disconnect());
else parentPort.postMessage(stamp);
