// What a worker must know once about a function, and the numbers by which it is named afterwards.

/** Sent to each worker once; the same object for the same code. */
export interface Definition {
  /** Unique in this process. */
  readonly id: number;
  /** What `loadDefinition` reads in the worker. */
  readonly body: unknown;
  /** Every call uses the same function; otherwise each call brings its captured values. */
  readonly stable: boolean;
}

/** Beyond so many definitions the oldest are forgotten here (a program that makes its functions from text). */
const MOST_DEFINITIONS = 4096;

const shared = new Map<string, Definition>();
let lastId = 0;

/** A definition of its own. */
export function newDefinition(body: unknown, stable: boolean): Definition {
  lastId += 1;
  return { id: lastId, body, stable };
}

/** The one definition with this key, made on first use. */
export function sharedDefinition(key: string, stable: boolean, body: () => unknown): Definition {
  let definition = shared.get(key);
  if (definition === undefined) {
    if (shared.size >= MOST_DEFINITIONS) {
      const [oldest] = shared.keys();
      if (oldest !== undefined) shared.delete(oldest);
    }
    definition = newDefinition(body(), stable);
    shared.set(key, definition);
  }
  return definition;
}
