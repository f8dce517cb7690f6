// How hard the storms blow: 1 in the test command, more by `npm run storm`.

export const scale = Number(process.env['STORM_SCALE'] ?? 1);

const times = (deaths: number): number => Math.ceil(deaths * scale);

/** Deaths of Node workers that each storm makes, at least: 3,000 in the test command, which counts what they report. */
export const DEATHS = {
  queue: times(1600),
  pool: times(450),
  lock: times(350),
  condition: times(250),
  barrier: times(120),
  pipe: times(240),
} as const;
