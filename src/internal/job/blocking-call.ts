// Calls whose caller waits in its thread.
import type { Engine } from '../engine/engine.js';
import { captureBlocking } from '../function/capture.js';

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** Starts a call and blocks this thread until it has ended; returns what it resolves to, or throws what it rejects with. */
export function blockOn(
  engine: Engine,
  start: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void,
): unknown {
  let outcome: Outcome | undefined;
  captureBlocking(() =>
    start(
      (value) => {
        outcome = { value };
      },
      (error) => {
        outcome = { error };
      },
    ),
  );
  engine.blockUntil(() => outcome !== undefined);
  if (outcome !== undefined && 'error' in outcome) throw outcome.error;
  return (outcome as { readonly value: unknown } | undefined)?.value;
}
