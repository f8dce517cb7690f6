// A task that keeps one core busy for some milliseconds and depends on nothing but its seed.

/** Twenty million xorshift steps in 32 bits: about 40 ms. */
exports.checksum = function checksum(seed, steps = 20_000_000) {
  let state = seed + 1;
  for (let n = 0; n < steps; n++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state >>> 0;
};
