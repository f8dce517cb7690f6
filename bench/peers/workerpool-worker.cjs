// The worker file of workerpool.
const workerpool = require('workerpool');

workerpool.worker(require('./tasks.cjs'));
