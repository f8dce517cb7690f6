// The functions that a worker knows, by the id under which the pool sent them.
import { loadDefinition, type Loaded } from '../function/instantiate.js';

type Callable = (...args: unknown[]) => unknown;

export class FunctionTable {
  readonly #loaded = new Map<number, Loaded | Promise<Loaded>>();
  /** Name of the function that runs, or ran last. */
  current = '';

  /** Compiles a function; one that fails to load fails each of its tasks, not the worker. */
  define({ id, body }: { id: number; body: unknown }): void {
    let loaded: Loaded | Promise<Loaded>;
    try {
      loaded = loadDefinition(body);
    } catch (error) {
      loaded = Promise.reject(error as Error);
    }
    if (loaded instanceof Promise) {
      loaded.then(
        (ready) => this.#loaded.set(id, ready),
        () => undefined, // whoever calls the function gets the error
      );
    }
    this.#loaded.set(id, loaded);
  }

  /** A function that is ready to call, fresh where a call could leave traces in it. */
  get(id: number, values: unknown): Callable | Promise<Callable> {
    const loaded = this.#loaded.get(id);
    if (loaded === undefined) throw new Error(`The function ${id} was not sent to this worker`);
    const made =
      loaded instanceof Promise ? loaded.then((ready) => ready.instantiate(values)) : loaded.instantiate(values);
    if (made instanceof Promise) return made.then((fn) => this.#named(fn));
    return this.#named(made);
  }

  #named(fn: unknown): Callable {
    const callable = fn as Callable;
    this.current = callable.name || '(anonymous)';
    return callable;
  }
}
