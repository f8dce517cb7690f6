// Random choices that a seed repeats.

export interface Random {
  /** An integer from 0 to `end - 1`. */
  below(end: number): number;
  pick<T>(list: readonly T[]): T;
}

/** SEED of the environment, or the clock. */
export const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

/** Mulberry32. */
export function randomFrom(start: number): Random {
  let state = start >>> 0;
  const below = (end: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
  };
  return { below, pick: (list) => list[below(list.length)]! };
}
