// The matrix of misuse: every method of a class in every state, here and in a child, and what comes of it, as a table says.
//
// A cell is what the call gives (`-` for nothing), the name of its error, `waits` when its promise stays pending, or `blocks`
// when it would stop its thread and is not made. Of a call that has to give a promise, an error that is thrown is another text.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { getContext, Queue } from 'manyhands';
import { describe, expect, test } from 'vitest';
import { methods, until } from '../queue/arena.js';
import { READINESS } from '../../dist/internal/shared/waitable.js';
import * as run from './fixtures/run.cjs';
import type { Made, Objects } from './fixtures/run.cjs';

const RUN = join(import.meta.dirname, 'fixtures/run.cjs');

export interface Tables {
  /** A row for each call; columns are the states of `fixtures/states.cjs`. */
  readonly states: string;
  /** Columns: another process or thread holds it and lives; held it and was killed; made it and was killed. */
  readonly elsewhere: string;
  /** Columns are calls that wait meanwhile: what the call gives `/` what comes of the one that waits. */
  readonly pending?: string;
  /** The states in which a pool makes objects and ends; the same as `states` unless the object does not outlive its maker. */
  readonly madeByPool?: string;
}

/** What has no row because it is not in the types that users see. */
const INTERNAL = new Set([
  'claim',
  'giveBack',
  'Symbol(manyhands.memory)',
  'isHere',
  'isOwned',
  'state',
  'suspend',
  'suspended',
]);

type Columns = Record<string, Record<string, string>>;

const ELSEWHERE = ['held and alive', 'held and killed', 'made and killed'] as const;

/** A table of text: the first line has the columns, the others begin with the name of a call; `|` between cells. */
function parsed(table: string): Columns {
  const [head = [], ...rows] = table
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const columns: Columns = {};
  head.slice(1).forEach((column, i) => {
    columns[column] = Object.fromEntries(rows.map(([name = '', ...cells]) => [name, cells[i] ?? '']));
  });
  return columns;
}

const SYMBOLS = new Map<symbol, string>([
  [Symbol.dispose, 'dispose'],
  [Symbol.iterator, 'iterator'],
  [Symbol.asyncIterator, 'next'],
  [inspect.custom, 'inspect'],
  [READINESS, 'wait'],
]);

/** What users can ask of an object of a class, by the names of the matrix. */
function publicNames(Class: { readonly prototype: object }): string[] {
  const names = new Set<string>();
  for (let level: object | null = Class.prototype; level !== null && level !== Object.prototype;) {
    for (const key of Reflect.ownKeys(level))
      names.add(typeof key === 'string' ? key : (SYMBOLS.get(key) ?? String(key)));
    level = Object.getPrototypeOf(level) as object | null;
  }
  names.delete('constructor');
  return [...names];
}

const each = (objects: Objects): Made[] => Object.values(objects);

/** Ends the use of objects here; the names of shared memory go. */
function done(made: readonly Made[]): void {
  for (const one of made) {
    run.release(one);
    run.forget(one);
  }
}

/** Waits until the names of memory are gone whose maker was killed. */
async function nameless(objects: Objects): Promise<void> {
  const names = each(objects).map(({ object }) => object as { name?: string; shm?: { name: string } });
  await until(() => names.every(({ name, shm }) => !existsSync(`/dev/shm/${shm?.name ?? name ?? 'none'}`)));
}

/** A child that plays a part; its objects are its own from then on. */
async function child(method: (typeof methods)[number], part: 'calls' | 'holds', given: object, lent: readonly Made[]) {
  const { Process } = getContext(method);
  const started = new Process({
    args: [RUN, part, given],
    target: (path: string, name: string, rest: object) => {
      const load = process.getBuiltinModule('node:module').createRequire(path);
      return (load(path) as typeof run).PLAYS[name]!(rest);
    },
  });
  await started.start();
  for (const one of lent) run.release(one);
  return started;
}

/** Declares the tests of a class. */
export function matrix(Class: { readonly name: string; readonly prototype: object }, tables: Tables): void {
  const { name: className } = Class;
  const states = parsed(tables.states);

  describe(className, () => {
    test('has a row for each of its methods', () => {
      const rows = run.namesOf(className);
      const covered = (name: string): boolean => rows.some((row) => row === name || row.startsWith(`${name} `));
      const missing = publicNames(Class).filter((name) => !covered(name) && !INTERNAL.has(name));
      expect(missing).toEqual([]);
      for (const column of Object.values(states)) expect(Object.keys(column)).toEqual(rows);
    });

    test('does what the table says', async () => {
      const all = run.makeAll(className);
      expect(await run.callAll(className, all)).toEqual(states);
      done(Object.values(all).flatMap(each));
    });

    test.each(methods)('does what the table says in a child by %s', async (method) => {
      using up = new Queue<Columns>();
      const objects = run.makeAll(className);
      const made = Object.values(objects).flatMap(each);
      const other = await child(
        method,
        'calls',
        { className, objects, up },
        made.filter(({ kept }) => kept.length > 0),
      );
      expect(await up.get()).toEqual(states);
      expect(await other.join()).toBe(0);
      done(made);
    });

    test.each(methods)('does what the table says when a pool by %s has made it and ended', async (method) => {
      const { Pool } = getContext(method);
      const pool = new Pool(1);
      const expected = tables.madeByPool === undefined ? states : parsed(tables.madeByPool);
      const all = await pool.apply(
        (path: string, name: string, wanted: string[]) => {
          const load = process.getBuiltinModule('node:module').createRequire(path);
          return (load(path) as typeof run).makeAll(name, wanted);
        },
        [RUN, className, Object.keys(expected)],
      );
      pool.close();
      await pool.join();
      expect(await run.callAll(className, all)).toEqual(expected);
      done(Object.values(all).flatMap(each));
    });

    test.each(methods)('does what the table says with another by %s, living or killed', async (method) => {
      using up = new Queue<Objects>();
      const objects = ELSEWHERE.slice(0, 2).map(() => run.make(className, run.FIRST[className] ?? ''));
      const [living, dead] = objects as [Objects, Objects];
      const others: Awaited<ReturnType<typeof child>>[] = [];
      const made: Objects[] = [];
      for (const one of objects) {
        // The other end is the child's alone.
        const lent = each(one).flatMap(({ kept }) => kept.map((object) => ({ object, kept: [] })));
        others.push(await child(method, 'holds', { className, objects: one, up }, lent));
        made.push(await up.get());
      }
      others[1]!.kill();
      await others[1]!.join();
      await nameless(made[1]!);
      const found = [living, dead, made[1]!];
      const outcomes: Columns = {};
      for (const [i, column] of ELSEWHERE.entries()) outcomes[column] = await run.callEach(className, found[i]!);
      expect(outcomes).toEqual(parsed(tables.elsewhere));
      others[0]!.kill();
      await others[0]!.join();
      done([...objects, ...made].flatMap(each));
    });

    const { pending } = tables;
    if (pending === undefined) return;
    test('does what the table says while a call waits', async () => {
      const outcomes: Columns = {};
      for (const operation of Object.keys(run.PENDING[className] ?? {})) {
        const calls = run.namesOf(className).map(async (name) => {
          const { made, pending: waiting, text } = await run.callWhilePending(className, operation, name);
          done([made]);
          await waiting;
          return [name, text] as const;
        });
        outcomes[operation] = Object.fromEntries(await Promise.all(calls));
      }
      expect(outcomes).toEqual(parsed(pending));
    });
  });
}
