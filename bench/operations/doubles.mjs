// The numbers that operations are measured with; those of operations.mjs are in a file for all who take part.
import { readFileSync, writeFileSync } from 'node:fs';

/** So many random numbers in [0, 1), the same in each run. */
export function randomNumbers(count) {
  const x = new Float64Array(count);
  let state = 0x9e3779b9;
  for (let i = 0; i < count; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    x[i] = (state >>> 0) / 2 ** 32;
  }
  return x;
}

/** The same in [-1, 1), in a file: half of them pass `x > 0`. */
export function writeDoubles(file, count) {
  const x = randomNumbers(count).map((value) => 2 * value - 1);
  writeFileSync(file, new Uint8Array(x.buffer));
}

/** The numbers of a file, in memory as V8 gives it. */
export function doublesOf(file) {
  const bytes = readFileSync(file);
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / Float64Array.BYTES_PER_ELEMENT).slice();
}
