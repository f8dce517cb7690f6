// Subclasses of Process: of modules and of closures, and what of them cannot cross.
import { activeChildren, CaptureError, currentProcess, getContext } from 'manyhands';
import { afterAll, describe, expect, test } from 'vitest';
import { finish, methods } from './children.js';
import { Shouting } from './fixtures/shouting.mjs';

afterAll(() => {
  expect(activeChildren()).toEqual([]);
});

describe.each(methods)('a subclass of Process by %s', (method) => {
  const { Process } = getContext(method);

  test('runs a subclass of a module, and one of a closure', async () => {
    const shout = new Shouting('a message');
    expect((await finish(shout)).out).toBe('A MESSAGE shouter true true\n');
    class Counter extends Process {
      from: number;
      constructor(from: number) {
        super({ stdio: 'pipe' });
        this.from = from;
      }
      override run(): void {
        console.log(
          this.constructor.name,
          this.from + 1,
          this.pid === process.pid,
          this.name === currentProcess().name,
        );
      }
    }
    expect(await finish(new Counter(41))).toEqual({ exitcode: 0, out: 'Counter 42 true true\n', err: '' });
  });

  test('refuses a subclass with #private members, which the child would lack, and no other', async () => {
    class Secretive extends Process {
      static #made = 0;
      #secret = 5;
      override run(): void {
        process.exit(this.#secret + Secretive.#made);
      }
    }
    class Derived extends Secretive {}
    for (const child of [new Secretive(), new Derived()]) {
      await expect(child.start()).rejects.toThrow(/Cannot capture a process of class `Secretive`: .*#private members/);
      await expect(child.start()).rejects.toThrow(CaptureError);
      expect(child.isAlive()).toBe(false);
    }
    class Counted extends Process {
      static #exit = 6; // #7 is no member
      override run(): void {
        process.exit(Counted.#exit);
      }
    }
    const counted = new Counted();
    await counted.start();
    expect(await counted.join()).toBe(6);
  });

  test('names the field of a subclass that cannot be captured', async () => {
    class Caching extends Process {
      cache = new WeakMap();
      override run(): void {}
    }
    class Bound extends Process {
      override run = (): void => void this.name;
    }
    await expect(new Caching().start()).rejects.toThrow(
      /`fields`.* used by function `Caching\.run`.*Captured through Caching\.run -> fields -> cache\./,
    );
    await expect(new Bound().start()).rejects.toThrow(/`this`.*Captured through Bound\.run -> fields -> run\./);
  });
});
