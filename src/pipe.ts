// Makes pipes: two connected ends.
import { Connection } from './connection.js';
import { makePipe } from './internal/shared/pipe-end.js';
import { optionalObject, wrongType } from './internal/validate.js';

/**
 * Two connected ends. Each can send and receive; with `duplex: false` the first only receives and the second only sends.
 *
 * @example
 * const [reader, writer] = Pipe({ duplex: false });
 * await writer.send({ a: 1 });
 * await reader.recv(); // { a: 1 }
 */
export function Pipe(options?: { duplex?: boolean }): [Connection, Connection] {
  const { duplex = true } = optionalObject('options', options) ?? {};
  if (typeof duplex !== 'boolean') throw wrongType('duplex', 'a boolean', duplex);
  const [first, second] = makePipe(duplex);
  return [new Connection(first), new Connection(second)];
}
