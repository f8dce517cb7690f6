// House rules that no linter knows: first sentences, file names, and nothing from one particular machine.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const listed = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
const files = listed.filter((file) => existsSync(join(root, file)));
const sources = files.filter((file) => /\.(ts|rs|mjs)$/.test(file) && !file.includes('/fixtures/'));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

test('every source file opens with a sentence', () => {
  const silent = sources.filter((file) => !/^(#!.*\n)?(\/\/[/!]?|\/\*\*?)\s*\S/.test(read(file)));
  expect(silent).toEqual([]);
});

test('no file is named after nothing in particular', () => {
  const vague = /^(utils?|common|helpers?|misc|base|abstract|impl)\.(ts|rs|mjs)$/;
  expect(sources.filter((file) => vague.test(basename(file)))).toEqual([]);
});

test('the lock file names no registry host', () => {
  expect(read('package-lock.json')).not.toMatch(/"resolved": "https?:/);
});

test('the workflow names no registry, and its parts are where they should be', () => {
  const workflow = read('.github/workflows/ci.yml');
  expect(workflow).not.toMatch(/registry|NODE_AUTH_TOKEN|https?:/);
  expect(workflow).toMatch(/^ {6}id-token: write$/m);
  expect(workflow).toContain('run: .ci/run');
  expect(workflow).toContain('npm publish --provenance');
});

test('no source names a path of one machine, nor leaves a TODO without a reference', () => {
  const own = join('__test__', 'tidy.test.ts');
  const bad = sources.filter((file) => file !== own && /\/(home|root|work)\/\w|TODO(?!.*https?:)/.test(read(file)));
  expect(bad).toEqual([]);
});

test('editors have something to show for every public name, and for every option', () => {
  const index = read('src/index.ts');
  const silent: string[] = [];
  for (const [, names = '', file = ''] of index.matchAll(/export (?:type )?\{([^}]+)\} from '\.\/(.+)\.js'/g)) {
    const lines = read(`src/${file}.ts`).split('\n');
    const isTold = (line: number): boolean => (lines[line - 1] ?? '').endsWith('*/');
    const named = new Set(names.match(/\w+/g));
    let options = '';
    lines.forEach((line, i) => {
      const [, name = ''] = /^export (?:abstract )?(?:class|interface|const|type) (\w+)/.exec(line) ?? [];
      if (named.has(name) && !isTold(i)) silent.push(`${file}: ${name}`);
      if (name !== '' || line === '}') options = named.has(name) && name.endsWith('Options') ? name : '';
      const [, option] = /^ {2}(\w+)\??[:(]/.exec(line) ?? [];
      if (options !== '' && option !== undefined && !isTold(i)) silent.push(`${file}: ${options}.${option}`);
    });
  }
  expect(silent).toEqual([]);
});
