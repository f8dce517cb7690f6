// `npm run storm [SCALE]`: the kill storms of the tests, SCALE times (7 by default: more than 20,000 deaths of Node workers), with their reports.
//
// In rounds of one SCALE each, so that a round takes minutes; each has a seed of its own, printed with what it found.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const LEAST_DEATHS_PER_ROUND = 3000;

const root = fileURLToPath(new URL('..', import.meta.url));
const scale = Number(process.argv[2] ?? 7);
if (!(scale >= 1)) throw new RangeError(`Expected \`SCALE\` to be a number of at least 1, got \`${process.argv[2]}\``);
const node = process.env.npm_node_execpath ?? process.execPath;

/** Whether the command succeeded, and how many deaths its storms reported. */
function run(command, args, env = {}) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    child.stdout.on('data', (text) => {
      output += text;
      process.stdout.write(text);
    });
    child.on('error', (error) => resolve({ ok: false, deaths: 0, error }));
    child.on('close', (code) => {
      const deaths = [...output.matchAll(/storm: (\d+) deaths/g)].reduce((sum, [, count]) => sum + Number(count), 0);
      resolve({ ok: code === 0, deaths });
    });
  });
}

let failed = 0;
let deaths = 0;
const first = Number(process.env.SEED ?? Date.now() % 2 ** 31);
for (let round = 0; round < scale; round++) {
  const result = await run(
    node,
    ['node_modules/vitest/vitest.mjs', 'run', '__test__/storm', '--reporter=verbose', '--test-timeout=3600000'],
    { SEED: String(first + round) },
  );
  deaths += result.deaths;
  if (!result.ok) failed++;
  console.log(`storm: round ${round + 1} of ${scale}, SEED=${first + round}, deaths so far: ${deaths}`);
}
const core = await run('cargo', [
  'test',
  '--release',
  '-p',
  'manyhands-sync',
  '--test',
  'storm',
  '--',
  String(12 * scale),
]);
if (!core.ok) failed++;
console.log(`storm: ${deaths} deaths of Node workers in all, ${failed} rounds failed`);
process.exitCode = failed === 0 && deaths >= LEAST_DEATHS_PER_ROUND * scale ? 0 : 1;
