// Writes the objects with a nature of their own: dates, regular expressions, collections, boxed primitives.
import { types } from 'node:util';
import { encodeBuffer } from './encode-binary.js';
import { encodeDomException, encodeError } from './encode-error.js';
import type { Encoder } from './encoder.js';
import { checkCopyable } from './kinds.js';
import { writeString } from './strings.js';
import { TAG } from './tags.js';
import { refuseStranger, ticketOf, type Ticket } from './travellers.js';
import { describe, entrySegment, indexSegment, Uncloneable } from './uncloneable.js';

const KEYS = '.keys()';
const ENTRY = '.get()';

/** Writes any object that is neither an array nor a view nor known to be ordinary. */
export function encodeSpecial(encoder: Encoder, object: object): void {
  const ticket = ticketOf(object);
  if (ticket !== undefined) encodeHandle(encoder, object, ticket);
  else if (types.isAnyArrayBuffer(object)) encodeBuffer(encoder, object);
  else if (types.isDate(object)) encodeDate(encoder, object);
  else if (types.isMap(object)) encodeMap(encoder, object);
  else if (types.isSet(object)) encodeSet(encoder, object);
  // Before errors, as which newer versions of Node count it.
  else if (object instanceof DOMException) encodeDomException(encoder, object);
  else if (isError(object)) encodeError(encoder, object);
  else if (types.isRegExp(object)) encodeRegExp(encoder, object);
  else if (types.isBoxedPrimitive(object)) encodeBoxed(encoder, object);
  else {
    refuseStranger(object);
    checkCopyable(object);
    encoder.fields(object as Record<string, unknown>);
  }
}

/** Also what a function without `class` makes that inherits from Error, as the one of better-sqlite3 does. */
function isError(object: object): object is Error {
  return types.isNativeError(object) || object instanceof Error;
}

function encodeHandle(encoder: Encoder, object: object, ticket: Ticket): void {
  const { kind, handle, name, parts = [], mentions = [] } = ticket;
  const { handles } = encoder.context;
  if (name === undefined) {
    if (handles === undefined) throw new Uncloneable(describe(object), 'it cannot go this way');
    for (const carried of [handle, ...parts]) if (!handles.includes(carried)) handles.push(carried);
  }
  encoder.register(object);
  encoder.writer.byte(TAG.HANDLE);
  encoder.writer.byte(kind);
  encoder.writer.double(handle);
  if (name !== undefined) {
    writeString(encoder.writer, name);
    return;
  }
  for (const list of [parts, mentions]) {
    encoder.writer.byte(list.length);
    for (const other of list) encoder.writer.double(other);
  }
}

function encodeDate(encoder: Encoder, date: Date): void {
  encoder.register(date);
  encoder.writer.byte(TAG.DATE);
  encoder.writer.double(Date.prototype.getTime.call(date));
}

function encodeRegExp(encoder: Encoder, expression: RegExp): void {
  encoder.register(expression);
  encoder.writer.byte(TAG.REGEXP);
  writeString(encoder.writer, expression.source);
  writeString(encoder.writer, expression.flags);
}

function encodeMap(encoder: Encoder, map: ReadonlyMap<unknown, unknown>): void {
  encoder.register(map);
  // A getter inside may change the map; what counts is what was in it at first.
  const entries = [...Map.prototype.entries.call(map)] as [unknown, unknown][];
  encoder.writer.tagged(TAG.MAP, entries.length);
  let segment = '';
  let at = 0;
  try {
    for (const [key, value] of entries) {
      segment = KEYS;
      encoder.value(key);
      segment = ENTRY;
      encoder.value(value);
      at++;
    }
  } catch (error) {
    if (!(error instanceof Uncloneable)) throw error;
    throw error.under(segment === KEYS ? KEYS + indexSegment(at) : entrySegment(entries[at]![0]));
  }
}

function encodeSet(encoder: Encoder, set: ReadonlySet<unknown>): void {
  encoder.register(set);
  const values = [...Set.prototype.values.call(set)] as unknown[];
  encoder.writer.tagged(TAG.SET, values.length);
  let at = 0;
  try {
    for (; at < values.length; at++) encoder.value(values[at]);
  } catch (error) {
    throw error instanceof Uncloneable ? error.under(`.values()${indexSegment(at)}`) : error;
  }
}

function encodeBoxed(encoder: Encoder, boxed: object): void {
  const value: unknown = primitiveOf(boxed);
  if (typeof value === 'symbol') throw new Uncloneable(describe(boxed));
  encoder.register(boxed);
  encoder.writer.byte(TAG.BOXED);
  encoder.value(value);
}

/** The primitive inside, whatever its `valueOf` says. */
function primitiveOf(boxed: object): unknown {
  if (types.isNumberObject(boxed)) return Number.prototype.valueOf.call(boxed);
  if (types.isStringObject(boxed)) return String.prototype.valueOf.call(boxed);
  if (types.isBooleanObject(boxed)) return Boolean.prototype.valueOf.call(boxed);
  if (types.isBigIntObject(boxed)) return BigInt.prototype.valueOf.call(boxed);
  return Symbol.prototype.valueOf.call(boxed);
}
