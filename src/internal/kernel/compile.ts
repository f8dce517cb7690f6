// Compiles functions to programs, and remembers them as long as what they capture stays the same.
import { native } from '../native.js';
import type { TypedArray } from '../typed-array.js';
import { CapturedArrays, readable } from './captured-arrays.js';
import { kindOf } from './element-kinds.js';
import { type Dependency, FreeValues } from './free-values.js';
import { lower } from './lower.js';
import { encode } from './program.js';
import { type Reason, reasonOf, Refusal } from './refusal.js';
import { type Parameter, translate } from './translate.js';
import { number, numberOf, truthOf } from './translation.js';
import type { Term } from './term.js';
import type { NativeHandle } from '../native-kernels.js';

/** What the results are wanted as: what the function gives, the same for a map that stores it, doubles, or booleans. */
export type Wanted = 'any' | 'stored' | 'number' | 'boolean';

export interface Compiled {
  readonly program: NativeHandle;
  /** What the function gives. */
  readonly gives: 'number' | 'boolean' | 'bigint';
  /** Captured arrays in the order of the program. */
  readonly captured: readonly unknown[];
  /** Kind of each, to see that it has not changed. */
  readonly capturedKinds: readonly number[];
  readonly capturedLengths: readonly number[];
  /** Columns that the program reads, as indices of the call's columns. */
  readonly columns: readonly number[];
  /** Estimated nanoseconds for one element. */
  readonly cost: number;
  /** Same bits as in this Node. */
  readonly exact: boolean;
  /** It depends on nothing but the elements, and ends for every one. */
  readonly pure: boolean;
  /** It ends for every element. */
  readonly ends: boolean;
  /** Its last step can store results past the caches itself. */
  readonly stores: boolean;
}

export type Compilation = Compiled | Reason;

export const isRefused = (compilation: Compilation): compilation is Reason => 'reason' in compilation;

interface Known {
  readonly key: string;
  readonly compilation: Compilation;
  readonly dependencies: readonly Dependency[];
  readonly given: Readonly<Record<string, unknown>> | undefined;
}

const known = new WeakMap<Function, Known[]>();
/** Signatures of one function beyond this are compiled anew. */
const MOST_KNOWN = 16;

let forcedLevel: number | undefined;

/** For tests: the level of the instruction set that programs are linked for from now on; undefined: the machine's. */
export function forceLevel(level: number | undefined): void {
  forcedLevel = level;
}

/** A program for `fn` over columns of these kinds, or why there is none. */
export function compile(
  fn: Function,
  parameters: readonly Parameter[],
  wanted: Wanted,
  fast: boolean,
  given?: Readonly<Record<string, unknown>>,
): Compilation {
  const key = `${parameters.join()} ${wanted} ${fast} ${forcedLevel}`;
  let list = known.get(fn);
  const hit = list?.find((one) => one.key === key && isCurrent(one, fn, given));
  if (hit !== undefined) return hit.compilation;
  const dependencies: Dependency[] = [];
  const compilation = compileNew(new FreeValues(fn, given), parameters, wanted, fast, dependencies);
  if (list === undefined) {
    list = [];
    known.set(fn, list);
  }
  const old = list.findIndex((one) => one.key === key);
  if (old !== -1) list.splice(old, 1);
  else if (list.length >= MOST_KNOWN) list.shift();
  list.push({ key, compilation, dependencies, given });
  return compilation;
}

/** Whether everything that the program was made with is what it was. */
function isCurrent({ dependencies, given: before, compilation }: Known, fn: Function, given: Known['given']): boolean {
  const fresh = new Map<Function, FreeValues>();
  for (const { source, name, value, final } of dependencies) {
    if (final && before === undefined && given === undefined) continue;
    let values = fresh.get(source.fn);
    if (values === undefined) {
      values = new FreeValues(source.fn, given);
      fresh.set(source.fn, values);
    }
    const now = values.find(name);
    if (now === undefined || !Object.is(now.value, value)) return false;
  }
  return isRefused(compilation) || sameArrays(compilation, fn);
}

function sameArrays({ captured, capturedKinds, capturedLengths }: Compiled, _fn: Function): boolean {
  return captured.every((value, i) => {
    const array = readable(value);
    return array !== undefined && kindOf(array) === capturedKinds[i] && array.length === capturedLengths[i];
  });
}

function compileNew(
  values: FreeValues,
  parameters: readonly Parameter[],
  wanted: Wanted,
  fast: boolean,
  dependencies: Dependency[],
): Compilation {
  const arrays = new CapturedArrays();
  try {
    const { root, term, translation, columns, exact } = translate(values, parameters, fast, arrays, dependencies);
    const result = resultOf(translation, term, wanted);
    const lowered = lower(root, result.value, columns, arrays.kinds, wanted === 'stored');
    const words = encode(lowered);
    return {
      program: native().kernelProgram(words, forcedLevel ?? 255),
      gives: result.gives,
      captured: arrays.values,
      capturedKinds: arrays.kinds,
      capturedLengths: arrays.lengths,
      columns: parameters.flatMap((parameter, i) => (parameter === 'index' ? [] : [i])),
      cost: lowered.cost,
      pure: lowered.pure,
      ends: lowered.ends,
      stores: lowered.stores,
      exact,
    };
  } catch (error) {
    if (error instanceof Refusal) return reasonOf(error, values.text);
    throw error;
  }
}

type Translation = ReturnType<typeof translate>['translation'];

function resultOf(
  t: Translation,
  term: Term,
  wanted: Wanted,
): Pick<Compiled, 'gives'> & { value: ReturnType<typeof numberOf> } {
  const node = undefined;
  if (wanted === 'boolean') return { gives: 'boolean', value: truthOf(t, term, node) };
  if (term.kind === 'bigint') return { gives: 'bigint', value: term.value };
  if (wanted === 'number') return { gives: 'number', value: t.numbers.double(numberOf(t, term, node)) };
  if (term.kind === 'boolean') return { gives: 'boolean', value: term.value };
  return { gives: 'number', value: number(numberOf(t, term, node)).value };
}

/** The arrays that a program reads beside its columns, as they are now. */
export function capturedArrays({ captured }: Compiled): TypedArray[] {
  return captured.map((value) => readable(value) as TypedArray);
}
