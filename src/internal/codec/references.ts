// The objects that were met in one value, numbered, so that those met again are referred to.

// Up to so many objects looking through a list is faster than a map.
const FEW = 8;

export class References {
  readonly #few: object[] = [];
  #many: Map<object, number> | undefined;

  /** The number of an object that came before, or -1. */
  find(object: object): number {
    if (this.#many === undefined) return this.#few.indexOf(object);
    return this.#many.get(object) ?? -1;
  }

  /** Gives an object the next number, from 0. */
  add(object: object): void {
    if (this.#many !== undefined) {
      this.#many.set(object, this.#many.size);
    } else if (this.#few.push(object) > FEW) {
      this.#many = new Map(this.#few.map((known, number) => [known, number]));
    }
  }

  clear(): void {
    empty(this.#few);
    this.#many = undefined;
  }
}

/** Empties a list that will soon be used again: setting the length to 0 would give up the memory of even a short one. */
export function empty(list: unknown[]): void {
  if (list.length > FEW) list.length = 0;
  else while (list.length > 0) list.pop();
}
