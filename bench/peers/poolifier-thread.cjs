// The worker file of poolifier's thread pool.
const { ThreadWorker } = require('poolifier');

module.exports = new ThreadWorker(require('./tasks.cjs'));
