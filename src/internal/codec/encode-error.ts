// Writes errors: their class by name, and with their properties those that are not enumerable but matter.
import type { Encoder } from './encoder.js';
import { classNames } from './error-classes.js';
import { writeString } from './strings.js';
import { TAG } from './tags.js';
import { keySegment, Uncloneable } from './uncloneable.js';

/** Own properties of errors that count although they are not enumerable. */
export const HIDDEN = ['message', 'stack', 'cause', 'errors', 'error', 'suppressed', 'code', 'name'] as const;

export function encodeError(encoder: Encoder, error: Error): void {
  encoder.register(error);
  const { writer } = encoder;
  const names = classNames(error);
  writer.tagged(TAG.ERROR, names.length);
  for (const name of names) writeString(writer, name);
  const { name } = error;
  writeString(writer, typeof name === 'string' ? name : 'Error');
  encodeProperties(encoder, error);
}

export function encodeDomException(encoder: Encoder, exception: DOMException): void {
  encoder.register(exception);
  encoder.writer.byte(TAG.DOM_EXCEPTION);
  writeString(encoder.writer, exception.message);
  writeString(encoder.writer, exception.name);
  encodeProperties(encoder, exception);
}

function encodeProperties(encoder: Encoder, error: object): void {
  const { writer } = encoder;
  const enumerable = Object.keys(error);
  const hidden = HIDDEN.filter((key) => Object.hasOwn(error, key) && !enumerable.includes(key));
  writer.varint(hidden.length + enumerable.length);
  for (const key of hidden) encodeProperty(encoder, error, key, 0);
  for (const key of enumerable) encodeProperty(encoder, error, key, 1);
}

function encodeProperty(encoder: Encoder, error: object, key: string, flag: 0 | 1): void {
  encoder.writer.byte(flag);
  writeString(encoder.writer, key);
  try {
    encoder.field((error as Record<string, unknown>)[key], error as Record<string, unknown>, key);
  } catch (failure) {
    throw failure instanceof Uncloneable ? failure.under(keySegment(key)) : failure;
  }
}
