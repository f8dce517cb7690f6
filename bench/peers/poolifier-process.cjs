// The worker file of poolifier's cluster pool; as an ES module it would miss the pool's first message.
const { ClusterWorker } = require('poolifier');

module.exports = new ClusterWorker(require('./tasks.cjs'));
