// The tasks that every Node rival runs, as the exports of a worker file.
const { checksum } = require('./checksum.cjs');

module.exports = {
  increment: (x) => x + 1,
  incrementAll: (xs) => xs.map((x) => x + 1),
  echo: (value) => value,
  spin: (seed) => checksum(seed),
};
