// The form in which functions cross: codes and modules (the same for every call) and a graph of values around them.
import type { Trail } from './trail.js';

/** Stands for what a class extends, and for `import.meta`, in the text that crosses. */
export const SUPER_NAME = '__manyhandsSuper';
export const META_NAME = '__manyhandsMeta';

export const TRAILS = Symbol('trails');

export type Primitive = string | number | bigint | boolean | null | undefined;

/** A primitive as itself, anything else as `[index of its node]`. */
export type Ref = Primitive | readonly [number];

/** The text of one function or class literal, ready to be compiled as `before + text + after`. */
export interface CodeText {
  readonly before: string;
  readonly text: string;
  readonly after: string;
  readonly strict: boolean;
  /** Captured variables in the order of the values that each closure brings. */
  readonly variables: readonly { readonly name: string; readonly assigned: boolean }[];
  /** Where `text` begins in its source, so that stacks name the original position; zero-based. */
  readonly line: number;
  readonly column: number;
  /** The script's URL or path; undefined: it has none. */
  readonly file: string | undefined;
  readonly usesMeta: boolean;
  readonly importsDynamically: boolean;
}

/** A module to load before the function can run. */
export type ModuleSource =
  | { readonly url: string }
  | { readonly specifier: string; readonly from: string; readonly attributes?: Readonly<Record<string, string>> }
  | { readonly require: string };

/** Attributes of a property: writable 1, enumerable 2, configurable 4; undefined: all three. */
export type Attributes = number | undefined;

export interface Property {
  readonly key: Ref;
  readonly value?: Ref;
  readonly get?: Ref;
  readonly set?: Ref;
  readonly attributes?: Attributes;
}

/** Built-in class that an object is an instance of underneath its own class. */
export type Base = 'array' | 'error' | 'map' | 'set';

export type Node =
  | { readonly kind: 'data'; readonly value: unknown }
  | { readonly kind: 'global'; readonly path: readonly string[] }
  | { readonly kind: 'symbol'; readonly key: string }
  | { readonly kind: 'import'; readonly module: number; readonly path: readonly string[] }
  | { readonly kind: 'require'; readonly file: string }
  | { readonly kind: 'dynamic-import'; readonly file: string }
  | { readonly kind: 'bound'; readonly target: Ref; readonly self: Ref; readonly args: readonly Ref[] }
  | {
      readonly kind: 'function';
      readonly code: number;
      readonly variables: readonly Ref[];
      readonly properties?: readonly Property[];
      readonly prototype?: readonly Property[];
      readonly parent?: Ref;
    }
  | {
      readonly kind: 'object';
      readonly base?: Base;
      /** A date, regular expression, buffer or view that gets the class of its own. */
      readonly data?: unknown;
      /** Instances of a class that crosses. */
      readonly class?: Ref;
      /** Any other prototype; null: none. */
      readonly parent?: Ref;
      readonly items?: readonly (Ref | { readonly hole: true })[];
      readonly entries?: readonly (readonly [Ref, Ref])[];
      readonly properties: readonly Property[];
      /** 1: not extensible, 2: sealed, 3: frozen. */
      readonly integrity?: number;
    };

export interface Graph {
  readonly entry: Ref;
  readonly nodes: readonly Node[];
  /** How each node of data was reached. Not sent: the codec passes over symbols. */
  readonly [TRAILS]?: readonly (Trail | undefined)[];
}

/** Body of a definition whose function crosses by value. `graph` is there when the function is stable. */
export interface GraphBody {
  readonly codes: readonly CodeText[];
  readonly modules: readonly ModuleSource[];
  readonly graph?: Graph;
}

/** Body of a definition whose function is an export. */
export interface ReferenceBody {
  readonly module: ModuleSource;
  /** undefined: the default export. */
  readonly export: string | undefined;
  /** What messages call it: `module#name`. */
  readonly label: string;
}
