// The words of a program; crates/kernels/src/program.rs says what they mean and checks them.
import { native } from '../native.js';

const VERSION = 0x6b04;
const LOOP = 0xffff0000;
export const MATH1 = 0xffff0001;
export const MATH2 = 0xffff0002;
export const GATHER = 0xffff0003;
export const IOTA = 0xffff0004;
/** In the word of the result lane: results are doubles within plus or minus 2^51, none of them NaN. */
export const BOUNDED = 0x100;
/** The same within int32. */
export const INT32 = 0x200;
/** In the word of a lane of a loop: it is the same in all lanes, and stands in the first. */
const ALIKE = 0x100;
/** In place of a register of flags: they are all set. */
const ALL = 0xffffffff;

export const LANES = { f64: 0, i32: 1, i64: 2, bool: 3, u32: 4, i16: 5, u16: 6 } as const;

let codes: ReadonlyMap<string, number> | undefined;

/** The code of an operation in this build of the addon. */
export function operationCode(name: string): number {
  codes ??= new Map(
    native()
      .kernelOperations()
      .map((operation, code) => [operation, code]),
  );
  const code = codes.get(name);
  if (code === undefined) throw new TypeError(`The addon has no operation ${name}`);
  return code;
}

/** A register before its number is known. */
export interface Slot {
  readonly kind: 'temporary' | 'constant' | 'column';
  /** Of a constant or column from the beginning; of a temporary once it is allocated. */
  number: number;
  /** First and last instruction that it is needed at. */
  first: number;
  last: number;
}

interface InLoop {
  readonly init: Slot;
  readonly lane: number;
  /** It is the same in all lanes. */
  readonly isAlike: boolean;
}

export interface LoweredLoop {
  entry: Slot | undefined;
  go: Slot;
  limit: Slot | undefined;
  readonly carried: (InLoop & { readonly work: Slot; readonly next: Slot })[];
  readonly exits: (InLoop & { readonly exit: Slot; readonly result: Slot })[];
  readonly invariants: { readonly source: Slot; readonly work: Slot; readonly lane: number }[];
  /** What is the same in all lanes is computed first, once for all. */
  readonly alike: Instruction[];
  readonly body: Instruction[];
}

export type Instruction =
  | {
      readonly head: readonly number[];
      readonly dst: Slot;
      readonly middle: readonly number[];
      readonly args: readonly Slot[];
      readonly tail: readonly number[];
    }
  | { readonly loop: LoweredLoop };

export interface Lowered {
  readonly instructions: readonly Instruction[];
  readonly result: Slot;
  readonly resultLane: number;
  /** Where results that are doubles lie, as a flag beside their lane: BOUNDED, INT32, or 0. */
  readonly range: number;
  readonly constants: readonly (readonly [lane: number, low: number, high: number])[];
  readonly columns: readonly number[];
  readonly captured: readonly number[];
}

/** Allocates the registers and writes the program down. */
export function encode({
  instructions,
  result,
  resultLane,
  range,
  constants,
  columns,
  captured,
}: Lowered): Uint32Array {
  const temporaries = allocate(instructions, result);
  const register = ({ kind, number }: Slot): number =>
    kind === 'temporary'
      ? number
      : kind === 'constant'
        ? temporaries + number
        : temporaries + constants.length + number;
  const code: number[] = [];
  const write = (list: readonly Instruction[], to: number[]): void => {
    for (const instruction of list) {
      if ('loop' in instruction) {
        const { entry, go, limit, carried, exits, invariants, alike, body } = instruction.loop;
        const flags = (slot: Slot | undefined): number => (slot === undefined ? ALL : register(slot));
        const [once, inner]: [number[], number[]] = [[], []];
        write(alike, once);
        write(body, inner);
        to.push(LOOP, once.length, inner.length, flags(entry), register(go), flags(limit));
        to.push(carried.length, exits.length, invariants.length);
        const laneOf = ({ lane, isAlike }: InLoop): number => lane | (isAlike ? ALIKE : 0);
        for (const one of carried) to.push(register(one.init), register(one.work), register(one.next), laneOf(one));
        for (const one of exits) to.push(register(one.exit), register(one.init), register(one.result), laneOf(one));
        for (const { source, work, lane } of invariants) to.push(register(source), register(work), lane, 0);
        to.push(...once, ...inner);
      } else {
        const { head, dst, middle, args, tail } = instruction;
        to.push(...head, register(dst), ...middle, ...args.map(register), ...tail);
      }
    }
  };
  write(instructions, code);
  return Uint32Array.from([
    VERSION,
    register(result),
    resultLane | range,
    temporaries,
    constants.length,
    columns.length,
    captured.length,
    code.length,
    ...constants.flat(),
    ...columns,
    ...captured,
    ...code,
  ]);
}

/** Linear scan: a temporary is free again after its last use. Gives how many there are. */
function allocate(instructions: readonly Instruction[], result: Slot): number {
  const temporaries: Slot[] = [];
  let at = 0;
  const define = (slot: Slot): void => {
    if (slot.kind !== 'temporary') return;
    if (slot.first === -1) {
      slot.first = at;
      temporaries.push(slot);
    }
    slot.last = at;
  };
  const use = (slot: Slot | undefined): void => {
    if (slot !== undefined) slot.last = Math.max(slot.last, at);
  };
  const walk = (list: readonly Instruction[]): void => {
    for (const instruction of list) {
      at += 1;
      if ('loop' in instruction) {
        const { entry, go, limit, carried, exits, invariants, alike, body } = instruction.loop;
        use(entry);
        for (const one of [...carried, ...exits]) use(one.init);
        for (const { source } of invariants) use(source);
        for (const { result: out } of exits) define(out);
        for (const { work } of [...carried, ...invariants]) define(work);
        walk(alike);
        walk(body);
        at += 1;
        use(go);
        use(limit);
        for (const { work, next } of carried) [work, next].forEach(use);
        for (const { work } of invariants) use(work);
        for (const { exit, result: out } of exits) [exit, out].forEach(use);
      } else {
        instruction.args.forEach(use);
        define(instruction.dst);
      }
    }
  };
  walk(instructions);
  at += 1;
  use(result);
  temporaries.sort((a, b) => a.first - b.first);
  const busy: Slot[] = [];
  const free: number[] = [];
  let count = 0;
  for (const slot of temporaries) {
    for (let i = busy.length - 1; i >= 0; i--) {
      const other = busy[i] as Slot;
      if (other.last >= slot.first) continue;
      free.push(other.number);
      busy.splice(i, 1);
    }
    slot.number = free.pop() ?? count++;
    busy.push(slot);
  }
  return count;
}
