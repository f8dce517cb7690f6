// Loops whose lanes leave each in its own round, at every level of vector instructions: what all lanes have alike, as counters
// are, and what each has for itself.
import { afterAll, expect, test } from 'vitest';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { compile, forceLevel, isRefused } = require('../../dist/internal/kernel/compile.js') as {
  compile(fn: Function, parameters: readonly number[], wanted: 'stored', fast: boolean): { readonly program: never };
  forceLevel(level: number | undefined): void;
  isRefused(compilation: object): boolean;
};
const { native } = require('../../dist/internal/native.js') as {
  native(): {
    kernelMap(program: never, out: object, columns: readonly object[], captured: never[]): void;
    kernelProgram(words: Uint32Array, level: number): never;
  };
};
const LOOP = 0xffff0000;
const DOUBLES = 8;

const addon = native();
const { kernelProgram } = addon;
let words: Uint32Array | undefined;
addon.kernelProgram = (given, level) => {
  words = given;
  return kernelProgram(given, level);
};
afterAll(() => {
  addon.kernelProgram = kernelProgram;
  forceLevel(undefined);
});

type Fn = (x: number, y: number) => number;

/** Counters and what is made of them stand apart from what lanes have. */
const APART: Record<string, Fn> = {
  'a counter in the condition': (x, y) => {
    let n = 0;
    while (n < 90 && x < 100) {
      x = x * 1.5 + y;
      n++;
    }
    return n + x;
  },
  'a condition of four parts, two of them alike': (x, y) => {
    let n = 0;
    while (x < 100 && n < 90 && y > -50 && n * 2 < 150) {
      x += 0.5;
      y -= 0.75;
      n++;
    }
    return n * 1000 + x - y;
  },
  'what returns its counter': (x, y) => {
    for (let i = 0; i < 200; i++) {
      if (x > 50) return i;
      x += Math.abs(y) / 4;
    }
    return -1;
  },
  'nothing but a counter to end it': (x, y) => {
    for (let i = 0; i < 100; i++) x = x * 0.5 + y;
    return x;
  },
  'two counters, one made of the other': (x, y) => {
    let i = 0;
    let j = 1;
    while (x < 100 && i + j < 5000) {
      i += 3;
      j = j * 1.25 + i;
      x += Math.abs(y);
    }
    return i - j / 3 + x;
  },
  'a test after the first round': (x, y) => {
    let n = 0;
    do {
      x += y;
      n += 1;
    } while (n < 80 && Math.abs(x) < 60);
    return x * n;
  },
  'a flag that only the condition asks for': (x, y) => {
    let n = 0;
    let ended = false;
    while (!ended && x < 30) {
      x += Math.abs(y) + 0.25;
      n++;
      ended = n > 70;
    }
    return ended ? -n : n;
  },
  'a counter that some rounds leave alone': (x, y) => {
    let n = 0;
    let sum = 0;
    while (n < 90 && sum < 200) {
      n++;
      if (x > y) {
        x -= 1.5;
        continue;
      }
      sum += Math.abs(x) + 1;
    }
    return sum + n;
  },
};

/** Where it stands is not looked at. */
const OTHERS: Record<string, Fn> = {
  'a condition that holds in all rounds or none': (x, y) => {
    let z = 2.5;
    for (let i = 0; i < 80 && x === x; i++) z = z * 0.5 + (y && x);
    return z;
  },
  'two of them': (x, y) => {
    let z = 2.5;
    for (let i = 0; i < 80 && x < 10 && y > 0; i++) z = z * 0.5 + (y && x);
    return z;
  },
  'one of them and one that lanes have': (x, y) => {
    let z = 2.5;
    for (let i = 0; i < 80 && x < 10 && z < 100 && y > 0; i++) z = z * 1.5 + (y && x);
    return z;
  },
};

/** Lanes need the counter, each for itself. */
const NEEDED: Record<string, Fn> = {
  'a sum of a counter': (x, y) => {
    let n = 0;
    while (n < 90 && x < 1000) {
      x += n * y + 1;
      n++;
    }
    return x + n;
  },
  'a count that depends on how a lane left': (x, y) => {
    let n = 0;
    for (; n < 100; n++) {
      if (x > 50) break;
      x += Math.abs(y);
    }
    return n;
  },
  'a counter that lanes reset': (x, y) => {
    let n = 0;
    let rounds = 0;
    while (n < 20 && rounds < 300) {
      n = x > 0 ? n + 1 : 0;
      x += y / 8;
      rounds++;
    }
    return n + x;
  },
  'what lanes had a round before': (x, y) => {
    let before = 0;
    let last = 0;
    for (let n = 0; n < 90 && x < 50; n++) {
      before = last;
      last = x;
      x += Math.abs(y);
    }
    return before;
  },
  'a counter that begins elsewhere': (x, y) => {
    let n = Math.floor(Math.abs(y));
    while (n < 70 && x < 40) {
      x += 0.75;
      n++;
    }
    return n + x;
  },
  'halves of an interval': (x, y) => {
    let low = 0;
    let step = 64;
    while (step > 1e-9 && low < 1e6) {
      if ((low + step) ** 2 <= Math.abs(x) + Math.abs(y)) low += step;
      step /= 2;
    }
    return low;
  },
  'a loop within': (x, y) => {
    let n = 0;
    while (n < 70 && x < 500) {
      let m = 0;
      while (m < n && y < 20) {
        y += 0.5;
        m++;
      }
      x += m + 1;
      n++;
    }
    return x + y + n;
  },
};

const numbers = [0, -0, 1, -1, 0.25, 7, 49.5, 99, 1e3, -30, 1e300, Infinity, -Infinity, NaN];
const pairs = numbers.flatMap((x) => numbers.map((y) => [x, y] as const));
for (let i = 1; i <= 1500; i++) pairs.push([Math.sin(i) * 60, Math.cos(i * 7) * 9]);
const columns = [0, 1].map((place) => Float64Array.from(pairs, (pair) => pair[place] as number));

function check(fn: Fn): number {
  const expected = Float64Array.from(pairs, ([x, y]) => fn(x, y));
  for (const level of [0, 1, 2]) {
    forceLevel(level);
    const compilation = compile(fn, [DOUBLES, DOUBLES], 'stored', false);
    expect(isRefused(compilation)).toBe(false);
    const found = new Float64Array(pairs.length);
    native().kernelMap(compilation.program, found, columns, []);
    const wrong = pairs.filter((_pair, i) => !Object.is(found[i], expected[i]));
    expect(wrong, `level ${level}`).toEqual([]);
  }
  return (words as Uint32Array)[(words as Uint32Array).indexOf(LOOP) + 1] as number;
}

test.each(Object.entries(APART))('%s stands apart', (_, fn) => {
  expect(check(fn)).toBeGreaterThan(0);
});

test.each([...Object.entries(NEEDED), ...Object.entries(OTHERS)])('%s', (_, fn) => {
  check(fn);
});
