// `npm run ready`: every check a change must pass, one after the other; all run, the failed ones are named at the end.
import { spawnSync } from 'node:child_process';

const checks = [
  'npx --no-install oxfmt --check',
  'npm run lint',
  'npm run types',
  'cargo fmt --all --check',
  'cargo clippy --workspace --all-targets -- -D warnings',
  'npx --no-install knip',
  'npm test',
];
const failed = checks.filter((check) => {
  console.log(`\n> ${check}`);
  return spawnSync(check, { shell: true, stdio: ['ignore', 'inherit', 'inherit'] }).status !== 0;
});
console.log(failed.length === 0 ? 'ready' : `not ready: ${failed.join('; ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
