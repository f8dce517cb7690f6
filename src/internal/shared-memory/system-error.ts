// Errors of the operating system, as Node makes them: with `code`, `errno` and `syscall`.
import { getSystemErrorMap } from 'node:util';

/** The error for a negative error number that the addon gave. */
export function systemError(errno: number, syscall: string, subject: string, remedy = ''): NodeJS.ErrnoException {
  const [code, text] = getSystemErrorMap().get(errno) ?? [`ERRNO_${-errno}`, 'unknown error'];
  const message = `${code}: ${text}, ${syscall} '${subject}'${remedy === '' ? '' : ` (${remedy})`}`;
  return Object.assign(new Error(message), { code, errno, syscall });
}
