// Every JavaScript block of README and docs runs as it stands, and prints what the comments behind console.log say, in order.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
// Inside the package, so that its name leads to it, as it does for a user who has installed it.
mkdirSync(join(root, 'target'), { recursive: true });
const folder = mkdtempSync(join(root, 'target/docs-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Block {
  readonly place: string;
  readonly text: string;
}

const pages = [join(root, 'README.md'), ...readdirSync(join(root, 'docs')).map((file) => join(root, 'docs', file))];
const blocks: Block[] = pages.flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/^```js\n(.*?)^```$/gms)].map(([, text = ''], n) => ({
    place: `${relative(root, page)}, block ${n + 1}`,
    text,
  })),
);

/** `console.log(...); // [1, 2]` promises that line; values of several turns of a loop are separated by commas. */
const promised = (text: string): string[] =>
  [...text.matchAll(/^.*console\.log\(.*\);? *\/\/ (.*)$/gm)].map(([, said = '']) => plain(said));

/** What differs only in how it is laid out is the same. */
const plain = (text: string): string =>
  text
    .replaceAll(/[\s,]+/g, ' ')
    .replaceAll(/(?<=[[{]) | (?=[\]}])/g, '')
    .trim();

test('there are blocks to run', () => {
  expect(blocks.length).toBeGreaterThan(5);
});

test.each(blocks)('$place runs and prints what it promises', ({ place, text }) => {
  const file = join(folder, `${place.replaceAll(/\W+/g, '-')}.mjs`);
  writeFileSync(file, text);
  const said = execFileSync(process.execPath, [file], { encoding: 'utf8', timeout: 60_000, cwd: folder });
  let rest = plain(said);
  expect(promised(text).length).toBeGreaterThan(0);
  for (const piece of promised(text)) {
    expect(rest).toContain(piece);
    rest = rest.slice(rest.indexOf(piece) + piece.length);
  }
});
