// Objects of this library that travel as handles, and memory: captured graphs keep them as they are, the codec sends them.
import { types } from 'node:util';
import { memoryObstacle } from '../codec/encode-binary.js';
import { travelObstacle } from '../codec/travellers.js';

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
  const isMemory = ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value);
  const obstacle = isMemory ? memoryObstacle(value) : isTraveller(value) ? travelObstacle(value) : undefined;
  if (obstacle === undefined) return undefined;
  return `it is ${obstacle.what}${obstacle.remedy === '' ? '' : `; ${obstacle.remedy}`}`;
}
