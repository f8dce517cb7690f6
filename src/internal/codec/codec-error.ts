// The error of bytes that are no encoded value: cut off, damaged, or of another version.

export class CodecError extends Error {
  readonly code = 'ERR_CODEC';
  static {
    Object.defineProperty(this.prototype, 'name', { value: 'CodecError', configurable: true, writable: true });
  }
}

/** What a process of ours would never write stands in memory that it shares with others. */
export function damagedMemory(what: string): CodecError {
  return new CodecError(`Shared memory is damaged: ${what}`);
}

/** Not a throw itself, so that it costs nothing in the functions that call it. */
export function damaged(what: string, position: number): CodecError {
  return new CodecError(`The encoded value is damaged: ${what} at byte ${position}`);
}
