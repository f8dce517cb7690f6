// What is told of an error that cannot be copied: why not, and what went wrong all the same.
import { DataCloneError } from '../../errors.js';
import { ByteWriter } from '../codec/byte-writer.js';
import { encode } from '../codec/encode.js';

/** Why an error cannot be copied, with what can be copied of it as the cause: without it nobody would know what went wrong. */
export function withThrown(refusal: unknown, thrown: unknown): unknown {
  if (!(refusal instanceof DataCloneError && thrown instanceof Error)) return refusal;
  try {
    const { message, stack, code } = thrown as NodeJS.ErrnoException;
    const copy = Object.create(Object.getPrototypeOf(thrown) as object, {
      message: { value: message },
      stack: { value: stack },
    }) as object;
    if (typeof code === 'string') Object.assign(copy, { code });
    return Object.defineProperty(refusal, 'cause', { value: copy, configurable: true, writable: true });
  } catch {
    // A getter that throws, or a class that forbids it: the refusal alone says enough.
    return refusal;
  }
}

/** The error where it can be copied, else what is told instead. */
export function copyable(error: unknown): unknown {
  try {
    encode(error, new ByteWriter(), { path: 'error', handles: [] });
    return error;
  } catch (refusal) {
    return withThrown(refusal, error);
  }
}
