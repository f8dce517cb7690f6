// The front end is total: any text gets an engine, or a reason with line, column and remedy.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { kernel, KernelError } from 'manyhands';
import { describe, expect, it } from 'vitest';

interface Tree {
  readonly parts: readonly Tree[];
}

interface Programs {
  Random: new (seed: number) => {
    below(n: number): number;
    pick<T>(list: readonly T[]): T;
    chance(p: number): boolean;
  };
  Generator: new (random: unknown, options?: { bigints?: boolean }) => { program(): Tree };
  print(tree: Tree): string;
}

const programs = (await import(
  pathToFileURL(join(import.meta.dirname, '..', '..', 'scripts', 'kernel-programs.mjs')).href
)) as Programs;

const outside: readonly (readonly [source: string, line: number, column: number, reason: RegExp])[] = [
  ['x => `${x}`', 1, 6, /string/],
  ['x => [x]', 1, 6, /array literal/],
  ['x => ({ x })', 1, 7, /object literal/],
  ['x => this.k * x', 1, 6, /`this`/],
  ['x => foo(x)', 1, 6, /`foo`/],
  ['x => x.toFixed()', 1, 6, /`\.toFixed` of a number/],
  ['x => Math.random() * x', 1, 6, /another number each time/],
  ['async x => x', 1, 1, /async/],
  ['function* f(x) { yield x }', 1, 1, /generators/],
  ['x => {\n  try { return x } finally { }\n}', 2, 3, /`try`/],
  ['x => {\n  throw x;\n}', 2, 3, /`throw`/],
  ['x => {\n  switch (x) { default: return 1 }\n}', 2, 3, /`switch`/],
  ['x => {\n  for (const y of x) return y;\n}', 2, 3, /for \.\.\. of/],
  ['([a, b]) => a', 1, 2, /destructured/],
  ['(...x) => 1', 1, 2, /rest/],
  ['x => { const f = (y) => f(y); return f(x) }', 1, 25, /calls itself/],
  ['x => { while (true) { } }', 1, 8, /never ends/],
  ['x => { const k = 1; k = x; return k }', 1, 21, /constant `k`/],
  ['x => Math.sin(x) + 1n', 1, 6, /mixes BigInts and numbers/],
  ['x => typeof x', 1, 6, /`typeof`/],
  ['x => new Date(x)', 1, 6, /`new`/],
  ['x => x?.y', 1, 6, /`\?\.`/],
  ['x => null', 1, 6, /`null`/],
  ['x => x in x', 1, 6, /`in`/],
  ['x => x +', 1, 9, /cannot be parsed/],
  ['1 + 1', 1, 1, /not the text of one function/],
  ['', 1, 1, /not the text of one function/],
  ['x => x); process.exit(', 1, 1, /not the text of one function/],
];

describe('kernel.explain', () => {
  it.each(outside)('refuses %j with its place and a remedy', (source, line, column, reason) => {
    const answer = kernel.explain(source);
    expect(answer).toMatchObject({ engine: 'workers', line, column });
    expect(answer.reason).toMatch(reason);
    expect(answer.remedy).not.toBe('');
    expect(() => kernel(source)).toThrow(KernelError);
  });

  it('answers for any text: programs of the subset, damaged at random', () => {
    const random = new programs.Random(7);
    const pieces = [
      '(',
      ')',
      '{',
      '}',
      '=>',
      ';',
      '?',
      ':',
      'let ',
      'await ',
      '...',
      '`',
      '"',
      '/',
      '#',
      'this',
      '0n',
      'x',
      ',',
      '=',
      '\u2028',
      '\ud800',
      'class A {}',
      'new ',
    ];
    let native = 0;
    for (let i = 0; i < 1500; i++) {
      let source = programs.print(new programs.Generator(random, { bigints: random.chance(0.1) }).program());
      for (let edits = random.below(4); edits > 0; edits--) {
        const at = random.below(source.length + 1);
        source =
          source.slice(0, at) + (random.chance(0.5) ? random.pick(pieces) : '') + source.slice(at + random.below(4));
      }
      const answer = kernel.explain(source);
      if (answer.engine === 'native') native += 1;
      else {
        expect(answer.line).toBeGreaterThan(0);
        expect(answer.column).toBeGreaterThan(0);
        expect(answer.reason).not.toBe('');
        expect(answer.remedy).not.toBe('');
      }
    }
    expect(native).toBeGreaterThan(30);
  });

  it('answers for functions of every kind', () => {
    class Thing {
      k = 2;
      method(x: number): number {
        return x * this.k;
      }
    }
    const odd: ((...x: never[]) => unknown)[] = [
      Math.sin,
      Thing as never,
      new Thing().method,
      function (x: number) {
        return x;
      }.bind(null),
      new Proxy((x: number) => x, {}),
      parseInt,
    ];
    for (const fn of odd) expect(['native', 'workers']).toContain(kernel.explain(fn).engine);
  });
});
