// Reads one value after the other: primitives, plain objects and arrays; what is rarer is in decode-special.ts.
import { ByteReader } from './byte-reader.js';
import { damaged } from './codec-error.js';
import type { DecodeContext } from './decode.js';
import { decodeHandle } from './decode-handle.js';
import { decodeSpecial } from './decode-special.js';
import { HOLE } from './hole.js';
import { isPacked, readNumbers } from './numbers.js';
import { empty } from './references.js';
import { readShape } from './shape-cache.js';
import type { Shape } from './shapes.js';
import { readShort } from './short-bytes.js';
import { readLatin1, readString, readUtf16 } from './strings.js';
import { LONGEST_SHORT_STRING, SHORT_STRING, SMALL_INTEGER, TAG } from './tags.js';

type Fields = Record<string, unknown>;

// Deeper than the encoder goes: only damaged bytes get here.
const DEEPEST = 1001;

// V8 turns objects that grow beyond this into dictionaries, after it has made a hidden class for each key on the way.
const MOST_FIELDS = 128;

/** An object that is a dictionary to V8 from the start. */
function dictionary(): Fields {
  return Object.setPrototypeOf(Object.create(null), Object.prototype) as Fields;
}

const PLACEHOLDER = {};
const NO_READER = new ByteReader(new Uint8Array(0));
const NO_CONTEXT: DecodeContext = {};

export class Decoder {
  reader = NO_READER;
  context = NO_CONTEXT;
  readonly #objects: object[] = [];
  readonly #shapes: Shape[] = [];
  #depth = 0;

  begin(reader: ByteReader, context: DecodeContext): void {
    this.reader = reader;
    this.context = context;
    this.#depth = 0;
  }

  end(): void {
    empty(this.#objects);
    empty(this.#shapes);
    // What is idle must not keep anybody's memory.
    this.reader = NO_READER;
    this.context = NO_CONTEXT;
  }

  /** The next value; a hole is an error here. */
  value(): unknown {
    const value = this.element();
    if (value === HOLE) throw damaged('something is missing', this.reader.position - 1);
    return value;
  }

  /** The next value, or HOLE. */
  element(): unknown {
    const { reader } = this;
    const tag = reader.byte();
    if (tag >= SMALL_INTEGER) return tag & 0x7f;
    if (tag >= SHORT_STRING) return readLatin1(reader, tag & LONGEST_SHORT_STRING);
    // Numbers in place of the names in tags.ts: only so does V8 make a table of it.
    switch (tag) {
      case 1: // UNDEFINED
        return undefined;
      case 2: // NULL
        return null;
      case 3: // TRUE
        return true;
      case 4: // FALSE
        return false;
      case 5: // INT32
        return reader.int32();
      case 6: // DOUBLE
        return reader.double();
      case 7: // BIGINT64
        return this.#bigint64();
      case 8: // BIGINT
        return this.#bigint();
      case 9: // LATIN1
        return readLatin1(reader, reader.count());
      case 10: // UTF16
        return readUtf16(reader);
      case 11: // REFERENCE
        return this.#reference();
      case 14: // HOLE
        return HOLE;
      default:
        return this.#object(tag);
    }
  }

  #object(tag: number): object {
    if (++this.#depth > DEEPEST) throw damaged('it is nested too deeply', this.reader.position);
    const object = this.#objectOf(tag);
    this.#depth--;
    return object;
  }

  #objectOf(tag: number): object {
    if (tag === TAG.SHAPED) return this.#shaped(this.#shape());
    if (tag === TAG.OBJECT) return this.#shaped(this.#newShape());
    if (tag === TAG.ARRAY) return this.#array();
    if (tag === TAG.SHORT_BYTES) return this.#shortBytes();
    if (isPacked(tag)) return this.register(readNumbers(this.reader, tag));
    if (tag === TAG.SPARSE_ARRAY) return this.#sparse();
    if (tag === TAG.ARRAY_WITH_PROPERTIES) return this.#arrayWithProperties();
    if (tag === TAG.HANDLE) return decodeHandle(this);
    return decodeSpecial(this, tag);
  }

  /** Gives an object the next number, as the encoder did at the same place. */
  register<T extends object>(object: T): T {
    this.#objects.push(object);
    return object;
  }

  /** Takes a number for an object that can only be made once what is in it is known. */
  reserve(): (object: object) => void {
    const number = this.#objects.push(PLACEHOLDER) - 1;
    return (object) => (this.#objects[number] = object);
  }

  #reference(): object {
    const number = this.reader.varint();
    const object = this.#objects[number];
    if (object === undefined || object === PLACEHOLDER)
      throw damaged(`there is no object ${number}`, this.reader.position);
    return object === this.#objects[number + 1] ? (object as Uint8Array).buffer : object;
  }

  /** The array stands for its memory, too, which V8 makes when it is asked for: two numbers in a row, as with nothing else. */
  #shortBytes(): Uint8Array {
    return this.register(this.register(readShort(this.reader)));
  }

  #shape(): Shape {
    const number = this.reader.varint();
    const shape = this.#shapes[number];
    if (shape === undefined) throw damaged(`there is no list of keys ${number}`, this.reader.position);
    return shape;
  }

  #newShape(): Shape {
    const shape = readShape(this.reader);
    this.#shapes.push(shape);
    return shape;
  }

  #shaped(shape: Shape): object {
    const { keys } = shape;
    // Every value takes a byte: nothing is made for what cannot be there.
    this.reader.need(keys.length);
    if (shape.hot()) {
      const object = shape.make!();
      this.#objects.push(object);
      shape.read!(this, object, HOLE);
      return object;
    }
    const object: Fields = keys.length > MOST_FIELDS ? dictionary() : {};
    this.#objects.push(object);
    for (const key of keys) this.property(object, key);
    return object;
  }

  /** Reads a value into a new property, unless it is not there. */
  property(object: Fields, key: string): void {
    const value = this.element();
    if (value === HOLE) return;
    if (key === '__proto__')
      Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
    else object[key] = value;
  }

  #array(): unknown[] {
    const count = this.reader.count();
    const array: unknown[] = [];
    this.#objects.push(array);
    return this.#elements(array, count);
  }

  #elements(array: unknown[], count: number): unknown[] {
    for (let i = 0; i < count; i++) {
      const value = this.element();
      if (value === HOLE) array.length = i + 1;
      else array[i] = value;
    }
    return array;
  }

  /** The items that `encodeItems` wrote: an array without a number. */
  items(): unknown[] {
    const { reader } = this;
    const tag = reader.byte();
    if (isPacked(tag)) return readNumbers(reader, tag);
    if (tag !== TAG.ARRAY) throw damaged(`a list was expected, not tag ${tag},`, reader.position - 1);
    return this.#elements([], reader.count());
  }

  #sparse(): unknown[] {
    const { reader } = this;
    const length = reader.varint();
    if (length > 0xffffffff) throw damaged('an array is too long', reader.position);
    const array: unknown[] = [];
    this.#objects.push(array);
    // A length beyond what V8 lays out in memory makes a dictionary, which it stays: nothing is laid out for the holes.
    array.length = 0xffffffff;
    array.length = length;
    const count = reader.count(2);
    for (let i = 0; i < count; i++) {
      const index = reader.varint();
      if (index >= length) throw damaged(`there is no element ${index}`, reader.position);
      const value = this.element();
      if (value !== HOLE) array[index] = value;
    }
    return array;
  }

  #arrayWithProperties(): unknown[] {
    const array = this.value();
    if (!Array.isArray(array)) throw damaged('an array was expected', this.reader.position);
    const count = this.reader.count();
    const keys: string[] = [];
    for (let i = 0; i < count; i++) keys.push(readString(this.reader));
    for (const key of keys) {
      if (key === 'length') throw damaged('an array has no property of this name', this.reader.position);
      this.property(array as unknown as Fields, key);
    }
    return array;
  }

  #bigint64(): bigint {
    const { reader } = this;
    reader.need(8);
    const value = reader.view.getBigInt64(reader.position, true);
    reader.position += 8;
    return value;
  }

  #bigint(): bigint {
    const text = readString(this.reader);
    if (!/^-?[0-9a-f]+$/.test(text)) throw damaged('a BigInt is no number', this.reader.position);
    return text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
  }
}
