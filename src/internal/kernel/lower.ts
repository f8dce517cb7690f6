// From values to instructions: drops what nobody needs, joins pairs of operations, and places what loops read.
import { EXP_NEG_MUL, type Joined } from './joined-operations.js';
import { joined } from './joining.js';
import { EXP_NEG_MUL_NUMBER, FAST } from './math-variants.js';
import { isLane, narrowed, narrowLane, narrowOperation } from './narrow.js';
import {
  BOUNDED,
  GATHER,
  INT32,
  IOTA,
  type Instruction,
  LANES,
  type Lowered,
  type LoweredLoop,
  MATH1,
  MATH2,
  operationCode,
  type Slot,
} from './program.js';
import { type Loop, type Region, SMALL, type Value } from './value.js';

/** Cost of one lane in nanoseconds, about, on a machine with AVX2; for choosing between threads and the calling one. */
const NS: Readonly<Record<string, number>> = {
  'div.f64': 0.4,
  'over_mul_add.f64': 0.4,
  'over_fma.f64': 0.4,
  'sqrt.f64': 0.5,
  'rem.f64': 2,
  math1: 4,
  'math1 fast': 0.5,
  [EXP_NEG_MUL]: 0.5,
  math2: 8,
  gather: 0.6,
};
const NS_OTHER = 0.08;
const NS_NARROW = 0.02;
/** Rounds of a loop are not known; taken for many. */
const ROUNDS = 100;

export interface LoweredKernel extends Lowered {
  /** Estimated nanoseconds for one element. */
  readonly cost: number;
  /** It depends on nothing but the elements, and ends for every one: neither the index nor a loop is in it. */
  readonly pure: boolean;
  /** It ends for every element: no loop is in it. */
  readonly ends: boolean;
  /** Its last step is an operation that can store results past the caches itself, as no function of `Math` can. */
  readonly stores: boolean;
}

/** `narrows`: results may be in 16-bit lanes, which only maps store. */
export function lower(
  root: Region,
  result: Value,
  columns: readonly number[],
  captured: readonly number[],
  narrows: boolean,
): LoweredKernel {
  const lowering = new Lowering(root, result, narrows);
  const instructions = lowering.region(root);
  return {
    instructions,
    result: lowering.slot(result, root),
    resultLane: LANES[lowering.laneOf(result)],
    range: result.lane === 'f64' ? rangeOf(result) : 0,
    constants: lowering.constants,
    columns,
    captured,
    cost: lowering.cost,
    pure: lowering.pure,
    ends: lowering.ends,
    stores: isOperation(instructions.at(-1)),
  };
}

const isOperation = (one: Instruction | undefined): boolean =>
  one !== undefined && 'head' in one && ![MATH1, MATH2, GATHER, IOTA].includes(one.head[0] ?? MATH1);

function rangeOf({ low, high }: Value): number {
  if (low >= -(2 ** 31) && high < 2 ** 31) return INT32;
  return low > -SMALL && high < SMALL ? BOUNDED : 0;
}

/** A loop while its body is lowered, and its own copies of what is known outside. */
interface Inner {
  readonly loop: LoweredLoop;
  readonly works: Map<Value, Slot>;
}

const newSlot = (): Slot => ({ kind: 'temporary', number: -1, first: -1, last: -1 });

class Lowering {
  readonly constants: (readonly [number, number, number])[] = [];
  cost = 0;
  pure = true;
  ends = true;
  readonly #uses = new Map<Value, number>();
  readonly #loops = new Set<Loop>();
  /** Operations that another one does along the way. */
  readonly #joined = new Map<Value, Joined>();
  readonly #absorbed = new Set<Value>();
  readonly #slots = new Map<Value, Slot>();
  readonly #constantSlots = new Map<string, Slot>();
  readonly #inner = new Map<Region, Inner>();
  #weight = 1;

  /** What runs in 16-bit lanes. */
  readonly #narrow: ReadonlySet<Value>;

  constructor(root: Region, result: Value, narrows: boolean) {
    this.#need(result);
    this.#narrow = narrows ? narrowed(root, (value) => this.#isNeeded(value)) : new Set();
    this.#join(root);
  }

  laneOf(value: Value): keyof typeof LANES {
    return value.lane === 'i32' && this.#narrow.has(value) ? narrowLane(value) : value.lane;
  }

  #need(first: Value): void {
    const open = [first];
    while (open.length > 0) {
      const value = open.pop() as Value;
      const uses = this.#uses.get(value) ?? 0;
      this.#uses.set(value, uses + 1);
      if (uses > 0) continue;
      open.push(...value.args);
      const { loop } = value;
      if (loop === undefined) continue;
      if (!this.#loops.has(loop)) {
        this.#loops.add(loop);
        for (const one of [loop.entry, loop.go, loop.limit]) if (one !== undefined) open.push(one);
      }
      for (const { init, work, next } of loop.carried) if (work === value) open.push(init, next);
      for (const { init, exit, result } of loop.exits) if (result === value) open.push(init, exit);
    }
  }

  #isNeeded(value: Value): boolean {
    return value.op === 'loop' ? this.#loops.has(value.loop as Loop) : this.#uses.has(value);
  }

  /** Finds pairs, the later operation first. */
  #join(region: Region): void {
    for (const value of region.values.toReversed()) {
      if (!this.#isNeeded(value) || this.#absorbed.has(value)) continue;
      if (value.op === 'loop') this.#join((value.loop as Loop).body);
      else this.#joinOne(value);
    }
  }

  #joinOne(value: Value): void {
    const alone = (inner: Value | undefined, uses = 1): inner is Value =>
      inner !== undefined && inner.home === value.home && this.#uses.get(inner) === uses && !this.#absorbed.has(inner);
    const found = joined(value, alone, (one) => this.#narrow.has(one));
    if (found === undefined) return;
    this.#joined.set(value, found);
    for (const one of found.absorbed) this.#absorbed.add(one);
  }

  slot(value: Value, region: Region): Slot {
    if (value.constant !== undefined) return this.#constant(value.lane, value.constant);
    const [inner] = value.args;
    if (inner !== undefined && this.#isAlias(value)) return this.slot(inner, region);
    if (value.home === region) {
      let slot = this.#slots.get(value);
      if (slot === undefined) {
        slot = value.op === 'column' ? { ...newSlot(), kind: 'column', number: value.detail[0] ?? 0 } : newSlot();
        this.#slots.set(value, slot);
      }
      return slot;
    }
    // Known outside of the loop: the loop keeps a copy of its own, which it packs with its lanes.
    const around = this.#inner.get(region) as Inner;
    let work = around.works.get(value);
    if (work === undefined) {
      work = newSlot();
      around.works.set(value, work);
      const source = this.slot(value, region.parent as Region);
      around.loop.invariants.push({ source, work, lane: LANES[value.lane] });
    }
    return work;
  }

  /** Whether it is another name for what it is made of. */
  #isAlias(value: Value): boolean {
    return value.op.startsWith('as.') || (isLane(value) && this.#narrow.has(value));
  }

  #constant(lane: keyof typeof LANES, constant: number | bigint | boolean): Slot {
    const key = `${lane} ${Object.is(constant, -0) ? '-0' : String(constant)}`;
    let slot = this.#constantSlots.get(key);
    if (slot === undefined) {
      const bits = new DataView(new ArrayBuffer(8));
      if (typeof constant === 'bigint') bits.setBigInt64(0, constant, true);
      else if (lane === 'f64') bits.setFloat64(0, Number(constant), true);
      else bits.setUint32(0, Number(constant), true);
      slot = { ...newSlot(), kind: 'constant', number: this.constants.length };
      this.constants.push([LANES[lane], bits.getUint32(0, true), bits.getUint32(4, true)]);
      this.#constantSlots.set(key, slot);
    }
    return slot;
  }

  region(region: Region): Instruction[] {
    const list: Instruction[] = [];
    this.#place(region, () => list);
    return list;
  }

  /** Puts the instructions of a region where `listOf` says. */
  #place(region: Region, listOf: (value: Value) => Instruction[]): void {
    for (const value of region.values) {
      if (!this.#isNeeded(value) || this.#absorbed.has(value)) continue;
      if (value.op === 'column' || this.#isAlias(value)) continue;
      const instruction =
        value.op === 'loop' ? { loop: this.#loop(value.loop as Loop, region) } : this.#instruction(value, region);
      listOf(value).push(instruction);
    }
  }

  #instruction(value: Value, region: Region): Instruction {
    const { op, args } = this.#joined.get(value) ?? value;
    // A joined operation may read the column itself, whatever its own lanes.
    const isNarrow = this.#narrow.has(value) && (op.endsWith('.i32') || op === 'i32.bool');
    const slots = args.map((arg) =>
      isNarrow && typeof arg.constant === 'number' ? this.#constant('i16', arg.constant) : this.slot(arg, region),
    );
    const dst = this.slot(value, region);
    const kind = op === 'math1' && value.detail[1] === FAST ? 'math1 fast' : op;
    this.cost += (isNarrow ? NS_NARROW : (NS[kind] ?? NS_OTHER)) * this.#weight;
    if (op === 'math1' || op === 'math2')
      return { head: [op === 'math1' ? MATH1 : MATH2], dst, middle: value.detail, args: slots, tail: [] };
    if (op === EXP_NEG_MUL) return { head: [MATH2], dst, middle: [EXP_NEG_MUL_NUMBER, FAST], args: slots, tail: [] };
    if (op === 'gather') return { head: [GATHER], dst, middle: [], args: slots, tail: value.detail };
    if (op === 'iota') {
      this.pure = false;
      return { head: [IOTA], dst, middle: [], args: [], tail: [] };
    }
    const name = isNarrow ? narrowOperation(op, args) : op;
    return { head: [operationCode(name)], dst, middle: [], args: slots, tail: [] };
  }

  #loop(loop: Loop, region: Region): LoweredLoop {
    const lowered: LoweredLoop = {
      entry: loop.entry && this.slot(loop.entry, region),
      go: newSlot(),
      limit: undefined,
      carried: [],
      exits: [],
      invariants: [],
      alike: [],
      body: [],
    };
    this.pure = false;
    this.ends = false;
    this.#inner.set(loop.body, { loop: lowered, works: new Map() });
    this.#weight *= ROUNDS;
    const listOf = (value: Value): Instruction[] => (loop.alike.has(value) ? lowered.alike : lowered.body);
    this.#place(loop.body, listOf);
    // Registers that change places with what they were in the round before: each needs one of its own.
    const taken = new Set<Slot>();
    for (const { init, work, next } of loop.carried) {
      if (!this.#uses.has(work)) continue;
      let slot = this.slot(next, loop.body);
      const own = next.home === loop.body && next.op !== 'carried' && slot.kind === 'temporary' && !taken.has(slot);
      if (!own || this.#isWork(slot, loop)) slot = this.#copy(next, loop.body, listOf(work));
      taken.add(slot);
      lowered.carried.push({
        init: this.slot(init, region),
        work: this.slot(work, loop.body),
        next: slot,
        lane: LANES[work.lane],
        isAlike: loop.alike.has(work),
      });
    }
    for (const { init, exit, result } of loop.exits) {
      if (!this.#uses.has(result)) continue;
      lowered.exits.push({
        exit: this.slot(exit, loop.body),
        init: this.slot(init, region),
        result: this.slot(result, region),
        lane: LANES[result.lane],
        isAlike: loop.alike.has(exit),
      });
    }
    lowered.go = this.slot(loop.go as Value, loop.body);
    lowered.limit = loop.limit && this.slot(loop.limit, loop.body);
    this.#weight /= ROUNDS;
    return lowered;
  }

  #isWork(slot: Slot, loop: Loop): boolean {
    return loop.carried.some(({ work }) => this.#slots.get(work) === slot);
  }

  #copy(value: Value, region: Region, body: Instruction[]): Slot {
    const dst = newSlot();
    const lanes = value.lane === 'u32' ? 'i32' : value.lane;
    body.push({ head: [operationCode(`mov.${lanes}`)], dst, middle: [], args: [this.slot(value, region)], tail: [] });
    return dst;
  }
}
