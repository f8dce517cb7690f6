// manyhands, on processes or on threads.
import { Pool, ThreadPool } from '../../dist/index.mjs';
import { checksum } from './checksum.cjs';

const OFFSET = 1;
const TASKS = {
  increment: (x) => x + 1,
  echo: (value) => value,
  spin: (seed) => checksum(seed),
};
const overConstant = (x) => x + OFFSET;

/** @param {'process' | 'thread'} kind */
export function open(kind, workers) {
  const pool = kind === 'thread' ? new ThreadPool(workers) : new Pool(workers);
  return {
    pool,
    call: (task, value) => pool.apply(TASKS[task], [value]),
    callOverConstant: (value) => pool.apply(overConstant, [value]),
    /** A closure of its own for every call. */
    callClosure(value) {
      const captured = { value };
      return pool.apply(() => captured.value + 1);
    },
    map: (task, items) => pool.map(TASKS[task], items),
    close: () => pool.terminate(),
  };
}
