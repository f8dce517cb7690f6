// Reads what stands for an object of this library, and makes that object of it.
import { damaged } from './codec-error.js';
import type { Decoder } from './decoder.js';
import { readString } from './strings.js';
import { revive } from './travellers.js';

export function decodeHandle(decoder: Decoder): object {
  const { reader } = decoder;
  const [kind, handle] = [reader.byte(), reader.double()];
  const list = (): number[] => Array.from({ length: reader.byte() }, () => reader.double());
  const object =
    handle === 0
      ? revive({ kind, handle, name: readString(reader) })
      : revive({ kind, handle, parts: list(), mentions: list() });
  if (object === undefined) throw damaged('a handle came where nobody knows handles', reader.position);
  return decoder.register(object);
}
