// Tells modules that import the entry script, however far away: importing them in a worker would run it again.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isEntry } from './loaded-modules.js';

const RELATIVE = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*(['"])(\.{1,2}\/[^'"\n]+)\1/g;
/** As TypeScript and CommonJS let them be left out. */
const ENDINGS = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '/index.js', '/index.ts'];

const answers = new Map<string, boolean>();

/** Follows relative imports only: packages do not import the program that uses them. */
export function reachesEntry(url: string): boolean {
  const known = answers.get(url);
  if (known !== undefined) return known;
  // A cycle adds nothing to what its first visit finds.
  answers.set(url, false);
  const answer = isEntry(url) || importsOf(url).some(reachesEntry);
  answers.set(url, answer);
  return answer;
}

function importsOf(url: string): string[] {
  if (!url.startsWith('file:') || url.includes('/node_modules/')) return [];
  let text: string;
  try {
    text = readFileSync(fileURLToPath(url.replace(/[?#].*$/, '')), 'utf8');
  } catch {
    // What cannot be read here is reported where it is imported.
    return [];
  }
  const found: string[] = [];
  for (const [, , specifier = ''] of text.matchAll(RELATIVE)) {
    const target = new URL(specifier, url).href;
    const ending = ENDINGS.find((end) => existsSync(fileURLToPath(target + end)));
    if (ending !== undefined) found.push(target + ending);
  }
  return found;
}
