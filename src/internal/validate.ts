// Checks of what callers pass in, with one wording: "Expected `x` to be ..., got `y` (type)".
import type { Task } from '../task.js';

function shown(value: unknown): string {
  if (typeof value === 'string') return `\`${value}\` (string)`;
  if (value === null || value === undefined) return `\`${String(value)}\``;
  if (typeof value === 'function') return `\`${value.name || 'anonymous'}\` (function)`;
  if (typeof value === 'object') return `\`${classOf(value)}\` (object)`;
  return `\`${String(value as number | bigint | boolean | symbol)}\` (${typeof value})`;
}

/** Iterators and generators have a class without a name, or that of all objects; what they are called is in their tag. */
function classOf(value: object): string {
  const name: unknown = value.constructor?.name;
  if (typeof name === 'string' && name !== '' && name !== 'Object') return name;
  return Object.prototype.toString.call(value).slice(8, -1);
}

const sentence = (name: string, must: string, got: unknown): string =>
  `Expected \`${name}\` to be ${must}, got ${shown(got)}`;

/** A value of the wrong type. */
export const wrongType = (name: string, must: string, got: unknown): TypeError =>
  new TypeError(sentence(name, must, got));

/** A value of the right type that is out of range. */
export const outOfRange = (name: string, must: string, got: unknown): RangeError =>
  new RangeError(sentence(name, must, got));

/** A whole number of at least `least`, or `undefined` where that is allowed by the caller. */
export function integer(name: string, value: unknown, least: number): number {
  const must = least === 1 ? 'a positive integer' : `an integer of at least ${least}`;
  if (typeof value !== 'number') throw wrongType(name, must, value);
  if (!Number.isInteger(value) || value < least) throw outOfRange(name, must, value);
  return value;
}

export function optionalInteger(name: string, value: unknown, least: number): number | undefined {
  return value === undefined ? undefined : integer(name, value, least);
}

/** A time in milliseconds; `undefined` and Infinity mean for ever. */
export function milliseconds(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number') throw wrongType(name, 'a number of milliseconds', value);
  if (Number.isNaN(value)) throw outOfRange(name, 'a number of milliseconds', value);
  return value === Infinity ? undefined : value;
}

export function object(name: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw wrongType(name, 'an object', value);
  // A list or a signal has none of the options by name: all of them would be ignored.
  if (Symbol.iterator in value || value instanceof AbortSignal) throw wrongType(name, 'a plain object', value);
  // An object's own string keys are all that the checks after this one read.
  return value as Record<string, unknown>;
}

export function optionalObject(name: string, value: unknown): Record<string, unknown> | undefined {
  return value === undefined ? undefined : object(name, value);
}

/**
 * Throws TypeError for a property of `options` that is none of the known ones, as Python does for an unknown keyword: what
 * is misspelt would change nothing in silence.
 */
export function knownOptions(options: Record<string, unknown>, known: ReadonlySet<string>): void {
  for (const name of Object.keys(options))
    if (!known.has(name) && options[name] !== undefined) throw unknown(name, known, options[name]);
}

function unknown(name: string, known: ReadonlySet<string>, value: unknown): TypeError {
  const plain = (text: string): string => text.toLowerCase().replaceAll('_', '');
  const meant = [...known].find((other) => plain(other) === plain(name));
  const must = meant === undefined ? `one of the options ${[...known].join(', ')}` : `spelt \`${meant}\``;
  return wrongType(name, must, value);
}

export function optionalFunction(name: string, value: unknown): ((...args: never[]) => unknown) | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'function') throw wrongType(name, 'a function', value);
  return value as (...args: never[]) => unknown;
}

export function callable(name: string, value: unknown): asserts value is (...args: never[]) => unknown {
  if (typeof value !== 'function') throw wrongType(name, 'a function', value);
}

export function optionalBoolean(name: string, value: unknown): boolean | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'boolean') throw wrongType(name, 'a boolean', value);
  return value;
}

export function optionalSignal(name: string, value: unknown): AbortSignal | undefined {
  if (value === undefined) return undefined;
  if (!(value instanceof AbortSignal)) throw wrongType(name, 'an AbortSignal', value);
  return value;
}

/** Variables for the environment of a child; one that is `undefined` is taken away. */
export function variables(name: string, value: unknown): Record<string, string | undefined> | undefined {
  const given = optionalObject(name, value);
  for (const [key, text] of Object.entries(given ?? {}))
    if (text !== undefined && typeof text !== 'string') throw wrongType(`${name}.${key}`, 'a string', text);
  // Every value was just seen to be a string.
  return given === undefined ? undefined : ({ ...given } as Record<string, string | undefined>);
}

/** Node's flags for a child. */
export function flags(name: string, value: unknown): string[] | undefined {
  if (value === undefined) return undefined;
  return array(name, value).map((flag, i) => {
    if (typeof flag !== 'string') throw wrongType(`${name}[${i}]`, 'a string', flag);
    return flag;
  });
}

export function array(name: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw wrongType(name, 'an array', value);
  return value;
}

/** A function, or a reference `{ module, name? }` to one; its parts are checked where it is captured. */
export function task(name: string, value: unknown): asserts value is Task {
  if (typeof value === 'function') return;
  if (typeof value === 'object' && value !== null && 'module' in value) return;
  throw wrongType(name, 'a function or { module, name }', value);
}
