// Writes the objects with a nature of their own: dates, regular expressions, collections, boxed primitives.
import { types } from 'node:util';
import { encodeBuffer, encodeView } from './encode-binary.js';
import { encodeDomException, encodeError } from './encode-error.js';
import type { Encoder } from './encoder.js';
import { checkCopyable } from './kinds.js';
import { writeString } from './strings.js';
import { TAG } from './tags.js';
import { describe, entrySegment, indexSegment, Uncloneable } from './uncloneable.js';

/** Writes any object that is neither an array nor known to be ordinary. */
export function encodeSpecial(encoder: Encoder, object: object): void {
  if (ArrayBuffer.isView(object)) encodeView(encoder, object);
  else if (types.isAnyArrayBuffer(object)) encodeBuffer(encoder, object);
  else if (types.isDate(object)) encodeDate(encoder, object);
  else if (types.isMap(object)) encodeMap(encoder, object);
  else if (types.isSet(object)) encodeSet(encoder, object);
  // Before errors, as which newer versions of Node count it.
  else if (object instanceof DOMException) encodeDomException(encoder, object);
  else if (types.isNativeError(object)) encodeError(encoder, object);
  else if (types.isRegExp(object)) encodeRegExp(encoder, object);
  else if (types.isBoxedPrimitive(object)) encodeBoxed(encoder, object);
  else {
    checkCopyable(object);
    encoder.fields(object as Record<string, unknown>);
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
  entries.forEach(([key, value], i) => {
    encodeWithin(encoder, key, () => `.keys()${indexSegment(i)}`);
    encodeWithin(encoder, value, () => entrySegment(key));
  });
}

function encodeSet(encoder: Encoder, set: ReadonlySet<unknown>): void {
  encoder.register(set);
  const values = [...Set.prototype.values.call(set)] as unknown[];
  encoder.writer.tagged(TAG.SET, values.length);
  values.forEach((value, i) => encodeWithin(encoder, value, () => `.values()${indexSegment(i)}`));
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

function encodeWithin(encoder: Encoder, value: unknown, segment: () => string): void {
  try {
    encoder.value(value);
  } catch (error) {
    throw error instanceof Uncloneable ? error.under(segment()) : error;
  }
}
