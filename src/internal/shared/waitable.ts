// What `wait([...])` can wait for: how each object says that it is ready, and that it has become so.

export interface Readiness {
  /** Asks now, without changing anything. */
  isReady(): boolean;
  /**
   * Calls back once it may be ready, perhaps at once; keeps the event loop alive until then. The function that it returns
   * takes the call back. An object that is closed here meanwhile gives what throws the error that says so.
   */
  onReady(listener: (ended?: () => never) => void): () => void;
}

/** The property under which objects of this package have their Readiness. */
export const READINESS = Symbol('manyhands.readiness');

export interface Waitable {
  readonly [READINESS]: Readiness;
}
