// What cannot be copied: how it is named, and the way to it from the value that was to be encoded.
import { DataCloneError } from '../../errors.js';

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
const LONGEST_TEXT = 40;
const LONGEST_PATH = 300;

/** Thrown inside the codec only; on its way out each container adds where it was. */
export class Uncloneable {
  readonly what: string;
  readonly remedy: string;
  #path = '';
  /** The first segment of the path. */
  #first = '';

  constructor(what: string, remedy = '') {
    this.what = what;
    this.remedy = remedy;
  }

  /** Notes that the value lies under `segment` of what contains it. */
  under(segment: string): this {
    this.#path = this.#first + this.#path;
    this.#first = segment;
    return this;
  }

  /** Notes `segment` behind the first one. */
  within(segment: string): this {
    this.#path = segment + this.#path;
    return this;
  }

  get reason(): string {
    return `it is ${this.what}${this.remedy === '' ? '' : `; ${this.remedy}`}`;
  }

  error(root: string): DataCloneError {
    const path = root + this.#first + this.#path;
    const place = path.length > LONGEST_PATH ? `${path.slice(0, LONGEST_PATH)}…` : path;
    return new DataCloneError(`${place} cannot be copied: ${this.reason}`, { path });
  }
}

export function keySegment(key: string): string {
  return IDENTIFIER.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

export function indexSegment(index: number): string {
  return `[${index}]`;
}

/** A map's value, by its key. */
export function entrySegment(key: unknown): string {
  return `.get(${shown(key)})`;
}

function shown(key: unknown): string {
  if (typeof key === 'string')
    return JSON.stringify(key.length > LONGEST_TEXT ? `${key.slice(0, LONGEST_TEXT)}…` : key);
  if (typeof key === 'bigint') return `${key}n`;
  if (typeof key !== 'object' || key === null) return String(key);
  return describe(key);
}

/** "a function (handler)", "a WeakMap", "an object of class Socket". */
export function describe(value: unknown): string {
  if (typeof value === 'symbol') return `a symbol (${value.toString()})`;
  if (typeof value === 'function') {
    const { name } = value;
    return typeof name === 'string' && name !== '' ? `a function (${name})` : 'a function';
  }
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  const maker = GENERAL.has(tag) ? (value as { constructor?: { name?: unknown } }).constructor?.name : tag;
  const name = typeof maker === 'string' && maker !== '' ? maker : tag;
  // "an object", but "a URL".
  return `${/^[AEIO]/i.test(name) ? 'an' : 'a'} ${name}`;
}

/** Names that say less than the name of the class. */
const GENERAL = new Set(['Object', 'EventTarget']);
