// Tells an array's properties from its elements, where possible without listing the elements.
import { inspect } from 'node:util';

// Up to here listing all keys is faster.
const LONGEST_LISTED = 64;

const OUTLINE = {
  maxArrayLength: 0,
  depth: 0,
  customInspect: false,
  compact: true,
  breakLength: Infinity,
  colors: false,
} as const;

// Sparse arrays shorter than this are written hole by hole at no great cost.
const SHORTEST_SPARSE = 4096;
const SAMPLES = 64;

/**
 * True when the array may have enumerable properties besides its elements, or is largely holes. `false` is certain but for the holes.
 * V8 offers no cheap way to ask; but Node's `inspect` knows one, and with no elements shown it prints just those.
 */
export function mayHaveProperties(array: readonly unknown[]): boolean {
  const { length } = array;
  if (length <= LONGEST_LISTED) {
    const keys = Object.keys(array);
    // As many keys as elements may still be a hole and a property.
    return keys.length !== length || (length > 0 && keys[length - 1] !== String(length - 1));
  }
  if (length >= SHORTEST_SPARSE && lacksElements(array)) return true;
  return inspect(array, OUTLINE) !== `[ ... ${length} more items ]`;
}

/** Looks at elements all over the array. */
function lacksElements(array: readonly unknown[]): boolean {
  const last = array.length - 1;
  for (let i = 0; i <= SAMPLES; i++) {
    if (!Object.hasOwn(array, Math.floor((last * i) / SAMPLES))) return true;
  }
  return false;
}

/** How many of an array's keys are indices. */
export function countIndices(keys: readonly string[], length: number): number {
  let low = 0;
  let high = Math.min(keys.length, length);
  // Indices stand before all other keys: the border is found by halving.
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isIndex(keys[middle]!, length)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isIndex(key: string, length: number): boolean {
  const index = Number(key);
  return Number.isInteger(index) && index >= 0 && index < length && String(index) === key;
}
