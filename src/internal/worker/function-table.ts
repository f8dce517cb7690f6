// The functions that a worker knows, by the id under which the pool sent them.
import { loadDefinition, type Loaded } from '../function/instantiate.js';

type Callable = (...args: unknown[]) => unknown;

export class FunctionTable {
  /** What was sent and not used yet. Loading may run code of the user's (a module's), so it waits for the first task: if it ends the worker, it ends with that task. */
  readonly #sent = new Map<number, unknown>();
  readonly #loaded = new Map<number, Loaded | Promise<Loaded>>();
  /** Names of the functions that ran since `begin`. */
  readonly #names = new Set<string>();
  #last = '';

  /** A batch begins: what the ones before left to be reported is reported by now. */
  begin(): void {
    this.#names.clear();
    this.#last = '';
  }

  /**
   * The functions that may have caused an error without a task: those of this turn of the event loop. Which one it was
   * could only be told by an async context for each task, which would cost more than a tiny task does.
   */
  get suspects(): string {
    return [...this.#names].join(' or ');
  }

  define({ id, body }: { id: number; body: unknown }): void {
    this.#sent.set(id, body);
  }

  /** A function that is ready to call, fresh where a call could leave traces in it. Throws or rejects with what loading it gives. */
  get(id: number, values: unknown): Callable | Promise<Callable> {
    const loaded = this.#loaded.get(id) ?? this.#load(id);
    const made =
      loaded instanceof Promise ? loaded.then((ready) => ready.instantiate(values)) : loaded.instantiate(values);
    if (made instanceof Promise) return made.then((fn) => this.#named(fn));
    return this.#named(made);
  }

  /** One that fails to load fails each of its tasks, not the worker. */
  #load(id: number): Loaded | Promise<Loaded> {
    if (!this.#sent.has(id)) throw new Error(`The function ${id} was not sent to this worker`);
    const body = this.#sent.get(id);
    this.#sent.delete(id);
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
    return loaded;
  }

  #named(fn: unknown): Callable {
    const callable = fn as Callable;
    const name = callable.name || '(anonymous)';
    if (name !== this.#last) {
      this.#last = name;
      this.#names.add(name);
    }
    return callable;
  }
}
