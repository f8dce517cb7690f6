// Which native body of a Math function has the bits of this Node, found by asking both.
import { native } from '../native.js';

/** The functions that have native bodies, at the numbers that programs use. */
export const MATH_FUNCTIONS = [
  'sin',
  'cos',
  'tan',
  'asin',
  'acos',
  'atan',
  'sinh',
  'cosh',
  'tanh',
  'asinh',
  'acosh',
  'atanh',
  'exp',
  'expm1',
  'log',
  'log1p',
  'log2',
  'log10',
  'cbrt',
  'pow',
  'atan2',
] as const;

/** Behind them: `exp(-(x * y))`, in the variant within 1 ulp alone. */
export const EXP_NEG_MUL_NUMBER = MATH_FUNCTIONS.length;

export type MathName = (typeof MATH_FUNCTIONS)[number];

/** 0: as fdlibm has it; 1: as the C library has it (`pow` only); 2: at most 1 ulp, with fused operations. */
export type MathVariant = 0 | 1 | 2;

/** The variant within 1 ulp. */
export const FAST = 2;

export interface MathChoice {
  readonly variant: MathVariant;
  /** Whether it gives the same bits as this Node's `Math`. */
  readonly exact: boolean;
}

const chosen = new Map<string, MathChoice>();

/**
 * The body to run for `Math[name]`: the one whose results over pinned arguments equal this Node's; one within 1 ulp, and
 * not exact, if none does. `fast` takes the one within 1 ulp where there is one. Costs some 20 us per function, once;
 * `pow` up to 2 ms, where the C library's is asked, too.
 */
export function mathVariant(name: MathName, fast: boolean): MathChoice {
  const key = fast ? `${name} fast` : name;
  let choice = chosen.get(key);
  if (choice === undefined) {
    choice = choose(name, fast);
    chosen.set(key, choice);
  }
  return choice;
}

function choose(name: MathName, fast: boolean): MathChoice {
  const f = MATH_FUNCTIONS.indexOf(name);
  const level = native().kernelLevel();
  const expected = expectedResults(name, f);
  const matches = (variant: MathVariant): boolean | null => native().mathMatches(f, variant, level, expected);
  if (fast) {
    const exact = matches(FAST);
    if (exact !== null) return { variant: FAST, exact };
  }
  for (const variant of [0, 1] as const) if (matches(variant) === true) return { variant, exact: true };
  // This Node has bits of its own: the closest body is the next best.
  return { variant: matches(FAST) === null ? 0 : FAST, exact: false };
}

/** Through the public functions, as a user's code calls them. */
function expectedResults(name: MathName, f: number): Float64Array {
  const probes = native().mathProbes(f) as Float64Array;
  const count = probes.length / 2;
  const x = probes.subarray(0, count);
  // Nothing but built-in code runs for functions of one number, which lasts less than the first turns of a loop.
  if (name !== 'pow' && name !== 'atan2') return x.map(Math[name]);
  const of = Math[name];
  return x.map((value, i) => of(value, probes[count + i] as number));
}
