// The encoded definitions of functions, made once and sent to each worker once.
import { ByteWriter } from '../codec/byte-writer.js';
import { encode } from '../codec/encode.js';
import type { Definition } from '../function/definition.js';

export class DefinitionStore {
  readonly #messages = new WeakMap<Definition, Uint8Array>();

  /** The payload of the DEFINE message. */
  message(definition: Definition): Uint8Array {
    let message = this.#messages.get(definition);
    if (message === undefined) {
      const writer = new ByteWriter();
      encode({ id: definition.id, body: definition.body }, writer, { path: 'fn' });
      message = writer.bytes.slice(0, writer.position);
      this.#messages.set(definition, message);
    }
    return message;
  }
}
