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

const PROBES = 512;

const chosen = new Map<string, MathChoice>();

/**
 * The body to run for `Math[name]`: the one whose results over pinned arguments equal this Node's; one within 1 ulp, and
 * not exact, if none does. `fast` takes the one within 1 ulp where there is one. Costs about 50 us per function, once.
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
  const { x, y } = probes(name);
  const expected = expectedResults(name, x, y);
  const results = new Float64Array(PROBES);
  const level = native().kernelLevel();
  const gives = (variant: MathVariant): boolean =>
    native().evaluateMath(MATH_FUNCTIONS.indexOf(name), variant, level, x, y, results);
  const matches = (): boolean => results.every((result, i) => Object.is(result, expected[i]));
  if (fast && gives(FAST)) return { variant: FAST, exact: matches() };
  for (const variant of [0, 1] as const) if (gives(variant) && matches()) return { variant, exact: true };
  // This Node has bits of its own: the closest body is the next best.
  return { variant: gives(FAST) ? FAST : 0, exact: false };
}

function expectedResults(name: MathName, x: Float64Array, y: Float64Array): Float64Array {
  // Through the public functions, as a user's code calls them.
  const f = Math[name] as (x: number, y: number) => number;
  return x.map((value, i) => f(value, y[i] ?? 0));
}

/**
 * Arguments on which implementations differ: over the whole domain, and where results need an argument reduction. fdlibm
 * is off the correctly rounded result in more than 2 of 100 of them, for each function.
 */
function probes(name: MathName): { x: Float64Array; y: Float64Array } {
  const [low, high] = DOMAINS[name];
  let state = 0x9e3779b9;
  const uniform = (): number => {
    // xorshift32: the same arguments in every process.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
  const x = new Float64Array(PROBES).map(() => low + (high - low) * (uniform() + uniform() / 4294967296));
  const y = new Float64Array(PROBES).map(() => 40 * uniform() - 20);
  return { x, y };
}

const DOMAINS: Record<MathName, readonly [number, number]> = {
  sin: [-1000, 1000],
  cos: [-1000, 1000],
  tan: [-1000, 1000],
  asin: [-1, 1],
  acos: [-1, 1],
  atan: [-5, 5],
  sinh: [-25, 25],
  cosh: [-25, 25],
  tanh: [-3, 3],
  asinh: [-5, 5],
  acosh: [1, 5],
  atanh: [-1, 1],
  exp: [-20, 20],
  expm1: [-5, 5],
  log: [0, 4],
  log1p: [-1, 3],
  log2: [0, 4],
  log10: [0, 4],
  cbrt: [-10, 10],
  pow: [0, 10],
  atan2: [-20, 20],
};
