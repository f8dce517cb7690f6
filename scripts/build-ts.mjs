// Compiles src/ to CommonJS in dist/ and writes the ESM wrapper, so that import and require share one instance.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

// Files of a module that was renamed must not stay in the package.
rmSync(`${root}dist`, { recursive: true, force: true });
// The code goes without its comments, the declarations keep theirs: users read them in the editor.
const passes = [['--declaration', 'false', '--removeComments'], ['--emitDeclarationOnly']];
let status = 0;
for (const flags of passes) {
  const compiler = spawnSync('npx', ['--no-install', 'tsc', '-p', 'tsconfig.json', ...flags], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  status ||= compiler.status ?? 1;
}
if (!existsSync(`${root}dist/index.js`)) {
  console.error('build-ts: tsc wrote no dist/index.js');
  process.exit(status || 1);
}

// The names come from the built module itself, so that none is ever forgotten.
const names = Object.keys(require('../dist/index.js')).filter((name) => name !== 'default');
writeFileSync(
  `${root}dist/index.mjs`,
  `import manyhands from "./index.js";\nexport const { ${names.join(', ')} } = manyhands;\n`,
);
writeFileSync(`${root}dist/index.d.mts`, `export * from "./index.js";\n`);
process.exit(status);
