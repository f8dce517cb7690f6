// Compiles functions to programs, and remembers them as long as what they capture stays the same.
import { originalOf } from '../function/substitutes.js';
import { native } from '../native.js';
import type { TypedArray } from '../typed-array.js';
import { CapturedArrays, readable } from './captured-arrays.js';
import { kindOf } from './element-kinds.js';
import { type Dependency, FreeValues } from './free-values.js';
import { later } from './later.js';
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

type Given = Readonly<Record<string, unknown>> | undefined;

/** What a program is made for. */
interface Signature {
  readonly parameters: readonly Parameter[];
  readonly wanted: Wanted;
  readonly fast: boolean;
  readonly level: number | undefined;
}

interface Known {
  readonly signature: Signature;
  readonly compilation: Compilation;
  readonly dependencies: readonly Dependency[];
  readonly given: Given;
  /** How often it was looked at again. */
  uses: number;
}

const known = new WeakMap<Function, Known[]>();
/** Signatures of one function beyond this are compiled anew. */
const MOST_KNOWN = 16;
/** Uses before it is found out which variables are constants, if no turn of the event loop came in between. */
const FIRST_USES = 4;

let forcedLevel: number | undefined;

/** For tests: the level of the instruction set that programs are linked for from now on; undefined: the machine's. */
export function forceLevel(level: number | undefined): void {
  forcedLevel = level;
}

/** A program for `fn(x, i)` over a column, or with `spread` for `fn(...columns)`; or why there is none. */
export function compileFor(
  fn: Function,
  columns: readonly TypedArray[],
  spread: boolean,
  wanted: Wanted,
  fast: boolean,
  given: Given,
): Compilation {
  const parameters: Parameter[] = [];
  for (const column of columns) {
    const kind = kindOf(column);
    if (kind === undefined)
      return {
        line: 1,
        column: 1,
        reason: 'an array is of a type that kernels do not know',
        remedy: 'Use Float32Array or Float64Array',
      };
    parameters.push(kind);
  }
  if (!spread) parameters.push('index');
  return compile(originalOf(fn), parameters, wanted, fast, given);
}

/** The same for columns of these kinds. */
export function compile(
  fn: Function,
  parameters: readonly Parameter[],
  wanted: Wanted,
  fast: boolean,
  given?: Given,
): Compilation {
  const signature: Signature = { parameters, wanted, fast, level: forcedLevel };
  const list = known.get(fn);
  const old = list === undefined ? -1 : indexOf(list, signature);
  const before = list?.[old];
  if (before !== undefined) {
    if (before.uses++ === FIRST_USES) findConstants(before.dependencies);
    if (isCurrent(before, given)) return before.compilation;
  }
  const dependencies: Dependency[] = [];
  const compilation = compileNew(new FreeValues(fn, given), parameters, wanted, fast, dependencies);
  const now: Known = { signature, compilation, dependencies, given, uses: 0 };
  // By then native threads are at work.
  if (dependencies.some(({ final }) => final === undefined)) later(() => findConstants(dependencies));
  if (list === undefined) known.set(fn, [now]);
  else {
    if (before !== undefined) list.splice(old, 1);
    else if (list.length >= MOST_KNOWN) list.shift();
    list.push(now);
  }
  return compilation;
}

/** Where a list has this signature; -1: nowhere. Each call asks, often with caches full of other things: no text is made. */
function indexOf(list: readonly Known[], { parameters, wanted, fast, level }: Signature): number {
  for (let i = 0; i < list.length; i++) {
    const { signature } = list[i] as Known;
    if (signature.wanted !== wanted || signature.fast !== fast || signature.level !== level) continue;
    if (sameParameters(signature.parameters, parameters)) return i;
  }
  return -1;
}

function sameParameters(one: readonly Parameter[], other: readonly Parameter[]): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

/** Finds out which variables need not be looked at again. */
function findConstants(dependencies: readonly Dependency[]): void {
  for (const dependency of dependencies) dependency.final ??= dependency.source.isConstant(dependency.name);
}

/** Whether everything that the program was made with is what it was. */
function isCurrent({ dependencies, given: before, compilation }: Known, given: Given): boolean {
  const isGiven = before !== undefined || given !== undefined;
  let fresh: Map<Function, FreeValues> | undefined;
  for (const { source, name, value, final } of dependencies) {
    if (final === true && !isGiven) continue;
    fresh ??= new Map();
    let values = fresh.get(source.fn);
    if (values === undefined) {
      values = new FreeValues(source.fn, given);
      fresh.set(source.fn, values);
    }
    const now = values.find(name);
    if (now === undefined || !Object.is(now.value, value)) return false;
  }
  return isRefused(compilation) || sameArrays(compilation);
}

function sameArrays({ captured, capturedKinds, capturedLengths }: Compiled): boolean {
  for (let i = 0; i < captured.length; i++) {
    const array = readable(captured[i]);
    if (array === undefined || kindOf(array) !== capturedKinds[i] || array.length !== capturedLengths[i]) return false;
  }
  return true;
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
