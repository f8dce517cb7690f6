// Objects of this library that travel as handles: captured graphs keep them as they are, the codec sends them.

const tests: ((value: object) => boolean)[] = [];

/** Leaves objects for which the test holds untouched in captured graphs. */
export function registerTraveller(isTraveller: (value: object) => boolean): void {
  tests.push(isTraveller);
}

export function isTraveller(value: object): boolean {
  return tests.some((test) => test(value));
}
