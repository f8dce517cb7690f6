// Lists of keys that many objects have in common, with code made for each list that reads or writes such objects.
import type { Decoder } from './decoder.js';
import type { Encoder } from './encoder.js';

type Fields = Record<string, unknown>;

// Making code for a list of keys takes as long as some dozens of objects without it.
const USES_BEFORE_CODE = 16;
const MOST_KEYS_IN_CODE = 64;

export class Shape {
  readonly keys: readonly string[];
  /** The list as it is written: the number of keys, and each as a string value. */
  readonly encoded: Uint8Array;
  /** Number in the value being encoded, while `epoch` is that of the encoder `owner`. */
  id = 0;
  epoch = 0;
  owner: Encoder | undefined;
  /** Writes the values of an object's fields; only made for shapes that come often. */
  write: ((encoder: Encoder, object: Fields, keys: readonly string[]) => void) | undefined;
  /** An object with all the keys and nothing in them. */
  make: (() => Fields) | undefined;
  /** Reads the values of its fields. */
  read: ((decoder: Decoder, object: Fields, hole: symbol) => void) | undefined;
  #uses = 0;

  constructor(keys: readonly string[], encoded: Uint8Array) {
    this.keys = keys;
    this.encoded = encoded;
  }

  has(keys: readonly string[]): boolean {
    const own = this.keys;
    const { length } = own;
    if (length !== keys.length) return false;
    for (let i = 0; i < length; i++) if (own[i] !== keys[i]) return false;
    return true;
  }

  /** Counts a use; true when code exists. */
  hot(): boolean {
    if (this.#uses > USES_BEFORE_CODE) return this.read !== undefined;
    if (++this.#uses > USES_BEFORE_CODE) this.#compile();
    return this.read !== undefined;
  }

  #compile(): void {
    const { keys } = this;
    if (keys.length > MOST_KEYS_IN_CODE || keys.includes('__proto__')) return;
    const texts = keys.map((key) => JSON.stringify(key));
    const writes = texts.map((key, i) => `i = ${i}; encoder.field(object[${key}], object, ${key});`);
    const reads = texts.map(
      (key) => `value = decoder.element(); if (value !== hole) object[${key}] = value; else delete object[${key}];`,
    );
    try {
      this.write = new Function(
        'encoder',
        'object',
        'keys',
        `let i = 0; try { ${writes.join('\n')} } catch (error) { throw encoder.under(error, keys[i]); }`,
      ) as NonNullable<Shape['write']>;
      this.make = new Function(`return { ${texts.map((key) => `${key}: undefined`).join(', ')} };`) as NonNullable<
        Shape['make']
      >;
      this.read = new Function('decoder', 'object', 'hole', `let value; ${reads.join('\n')}`) as NonNullable<
        Shape['read']
      >;
    } catch (error) {
      // Where code may not be made from text, objects are read and written key by key.
      if (!(error instanceof EvalError)) throw error;
    }
  }
}
