// Rebuilds errors as instances of their class, without calling its constructor.
import { registeredError } from '../../errors.js';
import { damaged } from './codec-error.js';
import type { Decoder } from './decoder.js';
import { keepClasses } from './error-classes.js';
import { HOLE } from './hole.js';
import { readString } from './strings.js';

type ErrorClass = abstract new (...args: never[]) => Error;

export function decodeError(decoder: Decoder): Error {
  const { reader } = decoder;
  const count = reader.count();
  const names: string[] = [];
  let made: ErrorClass | undefined;
  let isWhole = false;
  for (let i = 0; i < count; i++) {
    const name = readString(reader);
    names.push(name);
    if (made !== undefined) continue;
    made = registeredError(name);
    isWhole = made !== undefined && i === 0;
  }
  const name = readString(reader);
  const error = decoder.register(bare(made ?? Error));
  readProperties(decoder, error);
  if (!isWhole) restoreClass(error, names);
  // An error of a class unknown here still shows its name.
  if (error.name !== name) define(error, 'name', name, false);
  return error;
}

/** The one class of errors that is no global but a module's of Node; others of its name have another code. */
function restoreClass(error: Error, names: readonly string[]): void {
  if (names[0] === 'AssertionError' && 'code' in error && error.code === 'ERR_ASSERTION')
    Object.setPrototypeOf(error, (require('node:assert') as typeof import('node:assert')).AssertionError.prototype);
  else keepClasses(error, names);
}

export function decodeDomException(decoder: Decoder): DOMException {
  const { reader } = decoder;
  const message = readString(reader);
  const exception = decoder.register(new DOMException(message, readString(reader)));
  readProperties(decoder, exception);
  return exception;
}

/** A real error (with the stack in its internal slot) of the class, made by `Error` alone and without a stack of its own. */
function bare(made: ErrorClass): Error {
  const { stackTraceLimit } = Error;
  // Not an assignment: where intrinsics are frozen it would throw, and a stack that is replaced anyway does no harm.
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return Reflect.construct(Error, [], made) as Error;
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

function readProperties(decoder: Decoder, error: object): void {
  const { reader } = decoder;
  const count = reader.count(3);
  for (let i = 0; i < count; i++) {
    const flag = reader.byte();
    if (flag > 1) throw damaged(`${flag} is no flag`, reader.position - 1);
    const key = readString(reader);
    const value = decoder.element();
    if (value !== HOLE) define(error, key, value, flag === 1);
  }
}

function define(error: object, key: string, value: unknown, enumerable: boolean): void {
  // Node 20 formats a stack before it is replaced, by what the program may have set for that, which may throw.
  if (key === 'stack') Reflect.deleteProperty(error, key);
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
}
