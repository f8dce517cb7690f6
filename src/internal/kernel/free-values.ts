// The values that a function captures, read from the live function: what each name stands for, and whether that is final.
import { analyse, sourceText } from '../function/analysis.js';
import { isGlobalName, isUnmistakable } from '../function/globals.js';
import { inspect, inspectorAvailable, type Inspection } from '../function/inspection.js';
import { principalGlobal } from '../function/realm.js';
import { siteOf } from '../function/site.js';

/** One captured value that a program was made with. */
export interface Dependency {
  readonly source: FreeValues;
  readonly name: string;
  readonly value: unknown;
  /** A constant of its scope: it need not be looked at again. Undefined: nobody has asked `isConstant`. */
  final: boolean | undefined;
}

export class FreeValues {
  readonly fn: Function;
  readonly text: string;
  readonly #given: Readonly<Record<string, unknown>> | undefined;
  #inspection: Inspection | undefined;

  constructor(fn: Function, given: Readonly<Record<string, unknown>> | undefined) {
    this.fn = fn;
    this.text = textOf(fn);
    this.#given = given;
  }

  /** The same for a captured function. */
  of(fn: Function): FreeValues {
    return new FreeValues(fn, this.#given);
  }

  /** What a name that the text does not declare stands for; undefined: nothing that can be known. */
  find(name: string): Dependency | undefined {
    const given = this.#given;
    if (given !== undefined && Object.hasOwn(given, name))
      return { source: this, name, value: given[name], final: false };
    if (isUnmistakable(name)) return this.#global(name);
    if (!inspectorAvailable()) return isGlobalName(name) ? this.#global(name) : undefined;
    this.#inspection ??= inspect(this.fn);
    for (const { kind, variables } of this.#inspection.scopes) {
      if (kind === 'Global') break;
      if (!(name in variables)) continue;
      // A variable in its dead zone throws on newer versions: then it is nothing that can be known.
      const value = readOrNothing(variables, name);
      // On Node 20 a variable that is not initialised yet reads as undefined.
      const final = value === undefined ? false : undefined;
      return value === NOTHING ? undefined : { source: this, name, value, final };
    }
    return this.#global(name);
  }

  #global(name: string): Dependency | undefined {
    const descriptor = Object.getOwnPropertyDescriptor(principalGlobal(), name);
    if (descriptor === undefined || !('value' in descriptor)) return undefined;
    return { source: this, name, value: descriptor.value, final: isUnmistakable(name) };
  }

  /** Whether a variable that was found is a constant. The first time it parses the function's file, which takes long. */
  isConstant(name: string): boolean {
    if (this.#inspection === undefined) return false;
    const site = siteOf(this.fn, this.text, analyse(this.text, this.fn.name), this.#inspection);
    const binding = site.binding(name);
    return binding !== undefined && !binding.assigned && binding.kind !== 'var' && binding.kind !== 'import';
  }
}

const NATIVE = '{ [native code] }';
const VARIADIC: ReadonlySet<string> = new Set(['hypot', 'max', 'min']);

/** A function's text; of a function of `Math`, which has none, that of a call with as many arguments as it takes. */
function textOf(fn: Function): string {
  const text = sourceText(fn);
  if (!text.endsWith(NATIVE)) return text;
  const name = Object.getOwnPropertyNames(Math).find((each) => Reflect.get(Math, each) === fn);
  if (name === undefined || VARIADIC.has(name)) return text;
  const parameters = ['x', 'y'].slice(0, fn.length).join();
  return `(${parameters}) => Math.${name}(${parameters})`;
}

const NOTHING = Symbol('nothing');

function readOrNothing(variables: Record<string, unknown>, name: string): unknown {
  try {
    return variables[name];
  } catch (error) {
    if (error instanceof ReferenceError) return NOTHING;
    throw error;
  }
}
