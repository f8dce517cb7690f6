// What pools use of this folder, loaded together by the first operation over an array.
export { kernelError } from '../kernel/refusal.js';
export { emptyLike } from '../kernel/arrays.js';
export { compileFor } from '../kernel/compile.js';
export { histogram } from './histogram.js';
export { REDUCE_OPS, reduceByFunction, reduceByName } from './reduce.js';
export { keep, scan, SCAN_OPS, sort } from './rewrite.js';
export { foldOf, productOf, truthOf } from './stand-ins.js';
export { elementsOf, holdsBigints, isKnown, resultsOf } from './values.js';
