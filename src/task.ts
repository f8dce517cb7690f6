// The type of everything that can be sent to a worker as a function.

/** A function named by where it is exported: `module` is a URL, an absolute path or a package name; without `name`, the default export. */
export interface TaskReference {
  readonly module: string | URL;
  /** @default 'default' */
  readonly name?: string;
}

/** Any JavaScript function, closures included, or a reference to an exported one. */
export type Task<A extends readonly unknown[] = never[], R = unknown> = ((...args: A) => R) | TaskReference;
