// Makes values: equal ones once, constants folded, and each in the outermost region where its operands are known.
import {
  factsOf,
  newRegion,
  NOTHING_KNOWN,
  type Facts,
  type Lane,
  type Loop,
  type Region,
  type Value,
} from './value.js';
import { Refusal } from './refusal.js';

/** More than this is no kernel that a block machine runs well. */
const MOST_VALUES = 20_000;

const constantKey = (lane: Lane, value: number | bigint | boolean): string =>
  `${lane} ${Object.is(value, -0) ? '-0' : String(value)}`;

export class Builder {
  readonly root: Region = newRegion(undefined);
  /** Where values go whose operands are not known further out. */
  region: Region = this.root;
  readonly #constants = new Map<string, Value>();
  #count = 0;

  /** Number of values made so far, used or not. */
  get count(): number {
    return this.#count;
  }

  number(value: number): Value {
    return this.#constant('f64', value, factsOf(value));
  }

  /** A constant as int32 lanes. */
  int(value: number): Value {
    return this.#constant('i32', value, factsOf(value));
  }

  uint(value: number): Value {
    return this.#constant('u32', value, factsOf(value));
  }

  boolean(value: boolean): Value {
    return this.#constant('bool', value, NOTHING_KNOWN);
  }

  bigint(value: bigint): Value {
    return this.#constant('i64', value, NOTHING_KNOWN);
  }

  #constant(lane: Lane, constant: number | bigint | boolean, facts: Facts): Value {
    const key = constantKey(lane, constant);
    let known = this.#constants.get(key);
    if (known === undefined) {
      known = this.#value('constant', lane, [], [], facts, constant, this.root, undefined);
      this.#constants.set(key, known);
    }
    return known;
  }

  /** The value of an operation without effects. */
  make(
    op: string,
    lane: Lane,
    args: readonly Value[],
    facts: Facts = NOTHING_KNOWN,
    detail: readonly number[] = [],
  ): Value {
    let home = this.root;
    for (const arg of args) if (arg.home.depth > home.depth) home = arg.home;
    const key = `${op} ${args.map(({ id }) => id).join()} ${detail.join()}`;
    const known = home.known.get(key);
    if (known !== undefined) return known;
    const made = this.#value(op, lane, args, detail, facts, undefined, home, undefined);
    home.known.set(key, made);
    home.values.push(made);
    return made;
  }

  /** A value that belongs to a loop: what it carries, its result, or the loop itself. */
  ofLoop(op: 'carried' | 'result' | 'loop', lane: Lane, home: Region, loop: Loop, facts: Facts = NOTHING_KNOWN): Value {
    const made = this.#value(op, lane, [], [], facts, undefined, home, loop);
    if (op === 'loop') home.values.push(made);
    return made;
  }

  #value(
    op: string,
    lane: Lane,
    args: readonly Value[],
    detail: readonly number[],
    { whole, low, high, minusZero }: Facts,
    constant: number | bigint | boolean | undefined,
    home: Region,
    loop: Loop | undefined,
  ): Value {
    this.#count += 1;
    if (this.#count > MOST_VALUES)
      throw new Refusal(-1, 'it is too long when its loops are unrolled and its functions inlined', 'Make it shorter');
    return { id: this.#count, op, lane, args, detail, constant, home, loop, whole, low, high, minusZero };
  }
}
