// How hard the storms blow: 1 in the test command (about 2,000 deaths in all), more by `npm run storm`.

export const scale = Number(process.env['STORM_SCALE'] ?? 1);
