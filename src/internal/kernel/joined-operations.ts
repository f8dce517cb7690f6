// Operations that do in one pass what two or three do apart.
import type { Value } from './value.js';

/** One of them, and the values that it does along the way. */
export interface Joined {
  readonly op: string;
  readonly args: readonly Value[];
  readonly absorbed: readonly Value[];
}

/** `Math.exp(-(x * y))` within 1 ulp: a function of two numbers, not of the table of operations. */
export const EXP_NEG_MUL = 'exp_neg_mul';

/** Operation to: the same of int32 numbers. */
export const INTEGERS: Readonly<Record<string, string>> = {
  'add.f64': 'add_i32.f64',
  'sub.f64': 'sub_i32.f64',
  'mul.f64': 'mul_i32.f64',
};

/** Where one factor is a product itself. */
export const OF_THREE: Readonly<Record<string, string>> = {
  'mul_add.f64': 'mul_mul_add.f64',
  'mul_sub.f64': 'mul_mul_sub.f64',
  'sub_mul.f64': 'sub_mul_mul.f64',
};

/** Outer operation to: place of the inner one, the inner one, what does both. */
export const PAIRS: Readonly<Record<string, readonly (readonly [0 | 1, string, string])[]>> = {
  'add.f64': [
    [0, 'mul.f64', 'mul_add.f64'],
    [1, 'mul.f64', 'mul_add.f64'],
    [0, 'add.f64', 'add_add.f64'],
    [1, 'add.f64', 'add_add.f64'],
    [0, 'sub.f64', 'sub_add.f64'],
    [1, 'sub.f64', 'sub_add.f64'],
  ],
  'sub.f64': [
    [0, 'mul.f64', 'mul_sub.f64'],
    [1, 'mul.f64', 'sub_mul.f64'],
    [0, 'add.f64', 'add_sub.f64'],
  ],
  'mul.f64': [
    [0, 'mul.f64', 'mul_mul.f64'],
    [1, 'mul.f64', 'mul_mul.f64'],
    [0, 'add.f64', 'add_mul.f64'],
    [1, 'add.f64', 'add_mul.f64'],
    [0, 'sub.f64', 'sub_times.f64'],
    [1, 'sub.f64', 'sub_times.f64'],
    [0, 'neg.f64', 'neg_mul.f64'],
    [1, 'neg.f64', 'neg_mul.f64'],
  ],
};
