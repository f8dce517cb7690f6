// Reductions to one number: by name, or by an associative function in the numeric subset.
import { capturedArrays, type Compiled } from '../kernel/compile.js';
import type { CallSettings } from '../job/job.js';
import { native } from '../native.js';
import { allStages, runStages, type StageHost } from './stages.js';
import { levelInUse, type Values } from './values.js';

/** In the order of the numbers that native code uses. */
export const REDUCE_OPS = [
  'sum',
  'prod',
  'min',
  'max',
  'mean',
  'variance',
  'argmin',
  'argmax',
  'count',
  'any',
  'all',
] as const;

export type ReduceOp = (typeof REDUCE_OPS)[number];

/** ns for one value, beyond reading it. */
const REDUCE_NS = 0.4;
const FOLD_NS = 2;

/**
 * The values reduced by name. Of BigInts all but places and truth are BigInts; their product is not for native code.
 *
 * @throws RangeError for `argmin` and `argmax` of no values
 */
export async function reduceByName(
  op: ReduceOp,
  values: Values,
  host: StageHost,
  settings: CallSettings,
): Promise<number | bigint> {
  const { program, columns, captured, length, bigints, cost, ends } = values;
  if (length === 0) return ofNone(op, bigints);
  const operation = native().reduceOperation(REDUCE_OPS.indexOf(op), levelInUse(), program, columns, captured, length);
  const staged = { operation, held: [columns, captured], ns: length * (cost + REDUCE_NS), ends };
  await runStages(staged, allStages(operation), host, settings);
  const answer = native().operationAnswer(operation) as number | bigint[];
  if (typeof answer === 'number') return answer;
  return ofIntegers(op, answer, BigInt(length));
}

function ofNone(op: ReduceOp, bigints: boolean): number | bigint {
  switch (op) {
    case 'sum':
      return bigints ? 0n : 0;
    case 'prod':
      return bigints ? 1n : 1;
    case 'min':
      return Infinity;
    case 'max':
      return -Infinity;
    case 'mean':
    case 'variance':
      return NaN;
    case 'argmin':
    case 'argmax':
      throw new RangeError(`Expected \`items\` to have elements, since none has an \`${op}\``);
    case 'count':
    case 'any':
      return 0;
    case 'all':
      return 1;
  }
}

/** Exact integers; a mean or a variance is cut off as the division of BigInts is. */
function ofIntegers(op: ReduceOp, [first, second]: bigint[], n: bigint): bigint {
  const [a, b] = [first as bigint, second as bigint];
  if (op === 'mean') return a / b;
  // Sum and sum of squares.
  if (op === 'variance') return (n * b - a * a) / (n * n);
  return a;
}

/** The values reduced by a function of two numbers; its operands keep their order. Not for no values. */
export async function reduceByFunction(
  fold: Compiled,
  values: Values,
  host: StageHost,
  settings: CallSettings,
): Promise<number> {
  const { program, columns, captured, length, cost } = values;
  const ends = values.ends && fold.ends;
  const foldCaptured = capturedArrays(fold);
  const operation = native().foldOperation(fold.program, foldCaptured, program, columns, captured, length);
  const staged = {
    operation,
    held: [columns, captured, foldCaptured],
    ns: length * (cost + fold.cost + FOLD_NS),
    ends,
  };
  await runStages(staged, allStages(operation), host, settings);
  return native().operationAnswer(operation) as number;
}
