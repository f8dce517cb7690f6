// Objects of this library that travel as handles, and memory: captured graphs keep them as they are, the codec sends them.
import { types } from 'node:util';
import { checkMemory } from '../codec/encode-binary.js';
import { checkTraveller } from '../codec/travellers.js';
import { Uncloneable } from '../codec/uncloneable.js';

const tests: ((value: object) => boolean)[] = [];

/** Leaves objects for which the test holds untouched in captured graphs. */
export function registerTraveller(isTraveller: (value: object) => boolean): void {
  tests.push(isTraveller);
}

export function isTraveller(value: object): boolean {
  return tests.some((test) => test(value));
}

/** Why the codec would refuse an object that graphs keep as it is; undefined when it would not, and for all others. */
export function obstacleOf(value: object): string | undefined {
  try {
    if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) checkMemory(value);
    else if (isTraveller(value)) checkTraveller(value);
    return undefined;
  } catch (error) {
    if (error instanceof Uncloneable) return error.reason;
    throw error;
  }
}
