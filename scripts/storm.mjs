// `npm run storm [SCALE]`: the kill storms of the tests, SCALE times (5 by default: more than 10,000 deaths of Node workers), with their reports.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const scale = Number(process.argv[2] ?? 5);
if (!(scale >= 1)) throw new RangeError(`Expected \`SCALE\` to be a number of at least 1, got \`${process.argv[2]}\``);
const node = process.env.npm_node_execpath ?? process.execPath;

const run = (command, args) =>
  spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, STORM_SCALE: String(scale) },
  }).status === 0;

const results = [
  run('cargo', ['test', '--release', '-p', 'manyhands-sync', '--test', 'storm', '--', String(12 * scale)]),
  run(node, [
    'node_modules/vitest/vitest.mjs',
    'run',
    '__test__/storm',
    '--reporter=verbose',
    '--test-timeout=3600000',
  ]),
];
process.exitCode = results.every(Boolean) ? 0 : 1;
