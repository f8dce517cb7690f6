// Compiles src/ to CommonJS in dist/ and writes the ESM wrapper, so that import and require share one instance.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bundleModules } from './bundle.mjs';

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

// White space goes too, which a child reads at each start; names and lines stay, for the stacks of errors. The index stays
// as it is: Node finds the names that a CommonJS file exports by its text.
const { transformSync } = require('esbuild');
for (const entry of readdirSync(`${root}dist`, { recursive: true, encoding: 'utf8' })) {
  if (!entry.endsWith('.js') || entry === 'index.js') continue;
  const file = `${root}dist/${entry}`;
  const compact = { minifyWhitespace: true, minifySyntax: true, lineLimit: 500, format: 'cjs', target: 'node20' };
  writeFileSync(file, transformSync(readFileSync(file, 'utf8'), compact).code);
}

await bundleModules(`${root}dist/`);

// The names come from the built module itself, so that none is ever forgotten.
const names = Object.keys(require('../dist/index.js')).filter((name) => name !== 'default');
writeFileSync(
  `${root}dist/index.mjs`,
  `import manyhands from "./index.js";\nexport const { ${names.join(', ')} } = manyhands;\n`,
);
writeFileSync(`${root}dist/index.d.mts`, `export * from "./index.js";\n`);
process.exit(status);
