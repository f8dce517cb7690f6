// What an expression of a kernel can be: a number, boolean or BigInt in every lane, or something known at compile time.
import type { ArrowFunctionExpression, FunctionDeclaration, FunctionExpression } from 'acorn';
import type { Value } from './value.js';

export type FunctionNode = ArrowFunctionExpression | FunctionExpression | FunctionDeclaration;

export interface NumberTerm {
  readonly kind: 'number';
  readonly value: Value;
  /** Lanes where it is `undefined`, which arithmetic takes for NaN. */
  readonly missing?: Value;
  /** In some lanes it may be a boolean or undefined that has become a number; only its type cannot be asked for. */
  readonly blurred?: boolean;
}

export interface BigIntTerm {
  readonly kind: 'bigint';
  /** Modulo 2^64. */
  readonly value: Value;
  /** Set where the 64 bits are the number itself, so that it can be compared. */
  readonly exact?: 'signed' | 'unsigned' | 'both';
}

export interface FunctionTerm {
  readonly kind: 'function';
  readonly node: FunctionNode;
  /** Where its names are looked up. */
  readonly scope: Scope;
}

export type Term =
  | NumberTerm
  | BigIntTerm
  | FunctionTerm
  | { readonly kind: 'boolean'; readonly value: Value }
  | { readonly kind: 'undefined' }
  /** A captured array that is read at computed places. */
  | {
      readonly kind: 'array';
      readonly index: number;
      readonly length: number;
      readonly bigints: boolean;
      readonly facts: Pick<Value, 'whole' | 'low' | 'high' | 'minusZero'>;
    }
  /** `Math`, `Number`, `BigInt` */
  | { readonly kind: 'namespace'; readonly name: string }
  /** `Math.sin`, `isNaN`, ... by its path */
  | { readonly kind: 'builtin'; readonly name: string };

export const UNDEFINED: Term = { kind: 'undefined' };

/** One declared name. */
export interface Binding {
  readonly name: string;
  readonly mutable: boolean;
}

/** Names of a block or function, of the text around it, and what is captured beyond that. */
export interface Scope {
  readonly parent: Scope | undefined;
  readonly names: Map<string, Binding>;
  readonly unit: Unit;
}

/** The text of one function that V8 knows: the kernel's own, or a captured helper's. */
export interface Unit {
  readonly text: string;
  /** Characters that were put before the text to parse it. */
  readonly offset: number;
  /** Name of a captured helper; undefined: the kernel's own text. */
  readonly helper: string | undefined;
  /** The value of a name that nothing in the text declares. */
  free(name: string): Term | undefined;
}

export const newScope = (parent: Scope): Scope => ({ parent, names: new Map(), unit: parent.unit });

export function lookup(scope: Scope, name: string): Binding | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const binding = at.names.get(name);
    if (binding !== undefined) return binding;
  }
  return undefined;
}

export const describe = (term: Term): string =>
  ({
    number: 'a number',
    bigint: 'a BigInt',
    boolean: 'a boolean',
    undefined: 'undefined',
    function: 'a function',
    array: 'an array',
    namespace: 'a built-in object',
    builtin: 'a built-in function',
  })[term.kind];
