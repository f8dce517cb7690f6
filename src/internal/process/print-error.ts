// How the error that ends a child looks on stderr, whoever prints it: the child, or its parent where the child cannot.
import { inspect } from 'node:util';

/** As Python does: the name of the child, then the error with its stack. */
export function printError(name: string, error: unknown): void {
  const text = error instanceof Error ? inspect(error) : `Uncaught ${inspect(error)}`;
  process.stderr.write(`Process ${name}:\n${text}\n`);
}
