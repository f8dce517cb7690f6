// Reads the objects with a nature of their own: dates, regular expressions, collections, boxed primitives, errors.
import { damaged } from './codec-error.js';
import { decodeBinary } from './decode-binary.js';
import { decodeDomException, decodeError } from './decode-error.js';
import type { Decoder } from './decoder.js';
import { readString } from './strings.js';
import { TAG } from './tags.js';

export function decodeSpecial(decoder: Decoder, tag: number): object {
  switch (tag) {
    case TAG.DATE:
      return decoder.register(new Date(decoder.reader.double()));
    case TAG.REGEXP:
      return decoder.register(new RegExp(readString(decoder.reader), readString(decoder.reader)));
    case TAG.MAP:
      return decodeMap(decoder);
    case TAG.SET:
      return decodeSet(decoder);
    case TAG.BOXED:
      return decodeBoxed(decoder);
    case TAG.ERROR:
      return decodeError(decoder);
    case TAG.DOM_EXCEPTION:
      return decodeDomException(decoder);
    default:
      return decodeBinary(decoder, tag);
  }
}

function decodeMap(decoder: Decoder): Map<unknown, unknown> {
  const count = decoder.reader.count(2);
  const map = decoder.register(new Map<unknown, unknown>());
  for (let i = 0; i < count; i++) {
    const key = decoder.value();
    map.set(key, decoder.value());
  }
  return map;
}

function decodeSet(decoder: Decoder): Set<unknown> {
  const count = decoder.reader.count();
  const set = decoder.register(new Set<unknown>());
  for (let i = 0; i < count; i++) set.add(decoder.value());
  return set;
}

function decodeBoxed(decoder: Decoder): object {
  const put = decoder.reserve();
  const value = decoder.value();
  if (value === null || value === undefined || typeof value === 'object') {
    throw damaged('a primitive was expected', decoder.reader.position);
  }
  const boxed: object = Object(value);
  put(boxed);
  return boxed;
}
