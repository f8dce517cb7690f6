// What is the same in all lanes of a loop that still run: counters, and what is made of them alone. It is computed once for
// all lanes, where no lane needs it for itself.
import type { Loop, Value } from './value.js';

export interface Alike {
  /** What is carried alike, and values of the body. */
  readonly values: Set<Value>;
  /** Parts of the loop's condition that are alike: where one is false, no lane goes on. */
  readonly limits: readonly Value[];
  /** The parts that each lane has for itself. */
  readonly others: readonly Value[];
}

/** undefined: nothing is alike, or lanes need what is. */
export function alikeIn(loop: Loop): Alike | undefined {
  // Loops within it read lane by lane.
  if (loop.body.values.some((value) => value.loop !== undefined)) return undefined;
  const values = neededIn(loop);
  const works = new Set(loop.carried.filter(({ init }) => init.constant !== undefined).map(({ work }) => work));
  const condition = partsOf(loop, values);
  for (;;) {
    if (works.size === 0) return undefined;
    const alike = madeOf(works, values);
    const isAlike = (value: Value): boolean => value.constant !== undefined || alike.has(value);
    const unlike = new Set<Value>();
    /** By lanes, each for itself. */
    const needed: Value[] = [];
    for (const { work, next } of loop.carried)
      if (works.has(work)) {
        if (!isAlike(next)) unlike.add(work);
      } else if (alike.has(next)) needed.push(next);
    for (const value of values)
      if (!alike.has(value) && !condition.joints.has(value)) needed.push(...value.args.filter((arg) => alike.has(arg)));
    for (const work of worksBehind(needed, works)) unlike.add(work);
    if (unlike.size === 0)
      return {
        values: alike,
        limits: condition.parts.filter((part) => alike.has(part)),
        others: condition.parts.filter((part) => !alike.has(part)),
      };
    for (const work of unlike) works.delete(work);
  }
}

/** Values of the body that its condition or a result is made of, in their order. */
function neededIn({ go, body, carried, exits }: Loop): Value[] {
  const nexts = new Map(carried.map(({ work, next }) => [work, next]));
  const needed = new Set(exits.map(({ exit }) => exit));
  if (go !== undefined) needed.add(go);
  // What is added while it goes on comes later.
  for (const value of needed) {
    const next = nexts.get(value);
    if (next !== undefined) needed.add(next);
    for (const arg of value.args) needed.add(arg);
  }
  return body.values.filter((value) => needed.has(value));
}

/** These, and all values that are made of them and constants. */
function madeOf(works: ReadonlySet<Value>, values: readonly Value[]): Set<Value> {
  const made = new Set(works);
  for (const value of values)
    if (value.args.length > 0 && value.args.every((arg) => arg.constant !== undefined || made.has(arg)))
      made.add(value);
  return made;
}

/** Those of the works that these values are made of. */
function worksBehind(values: readonly Value[], works: ReadonlySet<Value>): Value[] {
  const seen = new Set(values);
  for (const value of seen) for (const arg of value.args) seen.add(arg);
  return [...seen].filter((value) => works.has(value));
}

/** What has to hold for a lane to go on, each for itself, and the conjunctions that nobody else needs. */
function partsOf({ go, body, carried, exits }: Loop, values: readonly Value[]): { parts: Value[]; joints: Set<Value> } {
  const uses = new Map<Value, number>();
  const use = (value: Value): void => void uses.set(value, (uses.get(value) ?? 0) + 1);
  for (const { args } of values) args.forEach(use);
  for (const { next } of carried) use(next);
  for (const { exit } of exits) use(exit);
  const joints = new Set<Value>();
  const split = (value: Value, known: number): Value[] => {
    if (value.op !== 'and.bool' || value.home !== body || (uses.get(value) ?? 0) > known) return [value];
    joints.add(value);
    return value.args.flatMap((arg) => split(arg, 1));
  };
  return { parts: go === undefined ? [] : split(go, 0), joints };
}
