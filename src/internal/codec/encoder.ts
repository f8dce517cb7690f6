// Writes one value after the other: primitives, plain objects and arrays; what is rarer is in encode-special.ts.
import { types } from 'node:util';
import { countIndices, mayHaveProperties } from './array-properties.js';
import { ByteWriter } from './byte-writer.js';
import type { EncodeContext } from './encode.js';
import { encodeView } from './encode-binary.js';
import { encodeSpecial } from './encode-special.js';
import { isOrdinary } from './kinds.js';
import { FEWEST_PACKED, writeNumbers, type Unpacked } from './numbers.js';
import { writeNumber } from './plain-values.js';
import { References } from './references.js';
import { shapeOfKeys } from './shape-cache.js';
import type { Shape } from './shapes.js';
import { writeString } from './strings.js';
import { TAG } from './tags.js';
import { describe, indexSegment, keySegment, Uncloneable } from './uncloneable.js';

// structuredClone runs out of stack at 2,000 to 3,000 levels. The receiver must have stack enough for whatever was
// encoded, also before its code is optimised and when it is called from deep inside, hence less.
const FUNCTION_REMEDY = 'functions cross as what a task captures: name it in the function that is called';
const DEEPEST = 1000;

const { isProxy } = types;
const { hasOwnProperty } = Object.prototype;

const NO_NUMBERS = new Int32Array(0);
const NO_WRITER = new ByteWriter(0);
const NO_CONTEXT: EncodeContext = { path: '' };

type Fields = Record<string, unknown>;

export class Encoder {
  writer = NO_WRITER;
  context = NO_CONTEXT;
  readonly #references = new References();
  #depth = 0;
  #epoch = 0;
  #shapes = 0;
  #last: Shape | undefined;

  begin(writer: ByteWriter, context: EncodeContext): void {
    this.writer = writer;
    this.context = context;
    this.#epoch++;
    this.#shapes = 0;
    this.#depth = 0;
  }

  end(): void {
    this.#references.clear();
    // What is idle must not keep anybody's memory.
    this.writer = NO_WRITER;
    this.context = NO_CONTEXT;
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'number':
        writeNumber(this.writer, value);
        return;
      case 'string':
        writeString(this.writer, value);
        return;
      case 'object':
        if (value === null) this.writer.byte(TAG.NULL);
        else this.#object(value);
        return;
      case 'boolean':
        this.writer.byte(value ? TAG.TRUE : TAG.FALSE);
        return;
      case 'undefined':
        this.writer.byte(TAG.UNDEFINED);
        return;
      case 'bigint':
        this.#bigint(value);
        return;
      default:
        throw new Uncloneable(describe(value), typeof value === 'function' ? FUNCTION_REMEDY : '');
    }
  }

  #bigint(value: bigint): void {
    const { writer } = this;
    if (BigInt.asIntN(64, value) === value) {
      writer.byte(TAG.BIGINT64);
      writer.ensure(8);
      writer.view.setBigInt64(writer.position, value, true);
      writer.position += 8;
      return;
    }
    writer.byte(TAG.BIGINT);
    writeString(writer, value.toString(16));
  }

  /** Gives an object the next number. The decoder does the same at the same place. */
  register(object: object): void {
    this.#references.add(object);
  }

  /** Whether an object has a number already. */
  knows(object: object): boolean {
    return this.#references.find(object) >= 0;
  }

  #object(object: object): void {
    const number = this.#references.find(object);
    if (number >= 0) {
      this.writer.tagged(TAG.REFERENCE, number);
      return;
    }
    if (++this.#depth > DEEPEST) throw new Uncloneable(`nested more than ${DEEPEST} levels deep`);
    // True for no Proxy, and for nothing that has a ticket.
    if (ArrayBuffer.isView(object)) encodeView(this, object);
    else if (isProxy(object)) throw new Uncloneable('a Proxy');
    else if (Array.isArray(object)) this.#array(object);
    else if (isOrdinary(object)) this.fields(object as Fields);
    else encodeSpecial(this, object);
    this.#depth--;
  }

  /** The own enumerable properties of an object, as a plain object. */
  fields(object: Fields): void {
    this.register(object);
    const { writer } = this;
    const keys = Object.keys(object);
    let shape = this.#last;
    if (shape === undefined || !shape.has(keys)) {
      shape = shapeOfKeys(keys);
      this.#last = shape;
    }
    if (shape.epoch === this.#epoch && shape.owner === this) {
      writer.tagged(TAG.SHAPED, shape.id);
    } else {
      shape.owner = this;
      shape.epoch = this.#epoch;
      shape.id = this.#shapes++;
      writer.byte(TAG.OBJECT);
      writer.copy(shape.encoded);
    }
    if (shape.hot()) shape.write!(this, object, shape.keys);
    else this.#eachField(object, shape.keys);
  }

  #eachField(object: Fields, keys: readonly string[]): void {
    let i = 0;
    try {
      for (; i < keys.length; i++) {
        const key = keys[i]!;
        this.field(object[key], object, key);
      }
    } catch (error) {
      throw this.under(error, keys[i]!);
    }
  }

  /** The value of a field, unless a getter before it has removed it. */
  field(value: unknown, object: Fields, key: string): void {
    if (value === undefined && !hasOwnProperty.call(object, key)) this.writer.byte(TAG.HOLE);
    else this.value(value);
  }

  /** The error to go on with from within the property `key`. */
  under(error: unknown, key: string): unknown {
    return error instanceof Uncloneable ? error.under(keySegment(key)) : error;
  }

  #array(array: readonly unknown[]): void {
    this.register(array);
    const { length } = array;
    if (!mayHaveProperties(array)) {
      this.elements(array, 0, length);
      return;
    }
    const keys = Object.keys(array);
    // Indices come first and in order, and there are no more of them than elements.
    const indices = countIndices(keys, length);
    if (indices < keys.length) this.writer.byte(TAG.ARRAY_WITH_PROPERTIES);
    if (indices < length && indices * 3 < length) this.#sparse(array, keys, indices);
    else this.elements(array, 0, length);
    if (indices < keys.length) this.#properties(array as unknown as Fields, keys.slice(indices));
  }

  #sparse(array: readonly unknown[], keys: readonly string[], indices: number): void {
    const { writer } = this;
    writer.tagged(TAG.SPARSE_ARRAY, array.length);
    writer.varint(indices);
    for (let i = 0; i < indices; i++) {
      const index = Number(keys[i]);
      writer.varint(index);
      this.#element(array, index, array[index], index);
    }
  }

  #properties(object: Fields, keys: readonly string[]): void {
    this.writer.varint(keys.length);
    for (const key of keys) writeString(this.writer, key);
    this.#eachField(object, keys);
  }

  /** The same of one of several lists side by side: in errors the place comes first, counted from `place`, then the list. */
  column(list: ArrayLike<unknown>, start: number, end: number, place: number, number: number): void {
    try {
      this.elements(list, start, end, place);
    } catch (error) {
      throw error instanceof Uncloneable ? error.within(indexSegment(number)) : error;
    }
  }

  /** items[start..end) as an array value without identity; errors call the first one `place`. */
  elements(items: ArrayLike<unknown>, start: number, end: number, place = start): void {
    const { writer } = this;
    let at = start;
    let unpacked: Unpacked | undefined;
    if (end - start >= FEWEST_PACKED && (writer.bytes.byteOffset & 7) === 0) {
      const first = items[start];
      if (typeof first === 'number') {
        unpacked = writeNumbers(items, start, end, first, writer);
        if (unpacked === undefined) return;
      } else {
        unpacked = { numbers: NO_NUMBERS, next: first };
      }
    }
    writer.tagged(TAG.ARRAY, end - start);
    if (unpacked !== undefined) {
      for (const number of unpacked.numbers) writeNumber(writer, number);
      at += unpacked.numbers.length;
      this.#element(items, at, unpacked.next, at - start + place);
      at++;
    }
    for (; at < end; at++) {
      const value = items[at];
      const type = typeof value;
      if (type === 'string') writeString(writer, value as string);
      else if (type === 'number') writeNumber(writer, value as number);
      else this.#element(items, at, value, at - start + place);
    }
  }

  #element(items: ArrayLike<unknown>, index: number, value: unknown, place: number): void {
    if (value === undefined && !hasOwnProperty.call(items, index)) {
      this.writer.byte(TAG.HOLE);
      return;
    }
    try {
      this.value(value);
    } catch (error) {
      throw error instanceof Uncloneable ? error.under(indexSegment(place)) : error;
    }
  }
}
