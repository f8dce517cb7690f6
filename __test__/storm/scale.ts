// How hard the storms blow: 1 in the test command, more by `npm run storm`.

export const scale = Number(process.env['STORM_SCALE'] ?? 1);

/** Deaths of Node workers that each storm makes, at least: 2,000 in the test command, which counts what they report. */
export const DEATHS = { queue: Math.ceil(1600 * scale), pool: Math.ceil(450 * scale) } as const;
