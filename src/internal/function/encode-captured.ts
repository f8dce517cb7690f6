// Encodes the captured values of a function; what cannot be copied is a CaptureError that names its variable.
import type { ByteWriter } from '../codec/byte-writer.js';
import { encode, type EncodeContext } from '../codec/encode.js';

/** Throws CaptureError; what getters throw comes through as it is. */
export function encodeCaptured(values: unknown, writer: ByteWriter, context: EncodeContext): void {
  try {
    encode(values, writer, context);
  } catch (error) {
    // Hardly ever needed: whether memory can be shared, say, is known only when it is sent.
    const { lateRefusal } = require('./late-refusal.js') as typeof import('./late-refusal.js');
    throw lateRefusal(error, values);
  }
}
