// A queue of tasks that also takes them back at the front; every operation is O(1), also with a million entries.

/** First in, first out; `unshift` puts back what was taken. */
export class Deque<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    // Moves at most as many entries as were shifted since the last move.
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Puts `items` back at the front, in their order. */
  unshift(items: readonly T[]): void {
    if (items.length <= this.#head) {
      this.#head -= items.length;
      items.forEach((item, i) => {
        this.#items[this.#head + i] = item;
      });
    } else {
      this.#items = [...items, ...this.#items.slice(this.#head)];
      this.#head = 0;
    }
  }

  /** Takes everything out. */
  clear(): T[] {
    const rest = this.#items.slice(this.#head).filter((item): item is T => item !== undefined);
    this.#items = [];
    this.#head = 0;
    return rest;
  }

  /** Removes one entry wherever it is; O(n), for cancelling. */
  remove(item: T): boolean {
    const index = this.#items.indexOf(item, this.#head);
    if (index < 0) return false;
    this.#items.splice(index, 1);
    return true;
  }
}
