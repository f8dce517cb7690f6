// Web scraping: real pages served on loopback by a flaky server; each task fetches, with retries and time-outs, and parses.
import assert from 'node:assert';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { load } from 'cheerio';
import { Pool } from 'manyhands';

const folder = new URL('../node_modules/', import.meta.url);
const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
const seen = new Set();
const server = createServer((request, response) => {
  const page = decodeURIComponent(request.url.slice(1));
  if (seen.has(page)) return response.end(readFileSync(new URL(page, folder)));
  seen.add(page);
  // At first the first page never answers, and the others are not available.
  if (page !== pages[0]) response.writeHead(503).end();
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const address = `http://127.0.0.1:${server.address().port}/`;

async function get(page, attempts) {
  const failures = [];
  while (failures.length < attempts) {
    try {
      const response = await fetch(address + encodeURIComponent(page), { signal: AbortSignal.timeout(2_000) });
      if (response.ok) return { text: await response.text(), failures };
      failures.push(`status ${response.status}`);
    } catch (error) {
      failures.push(error.name);
    }
  }
  throw new Error(`${page} never came: ${failures.join(', ')}`);
}

async function scrape(page) {
  const { text, failures } = await get(page, 5);
  const $ = load(text);
  return { page, failures, title: $('title').text().trim(), links: $('a').length, scripts: $('script').length };
}

const pool = new Pool(2);
const found = await pool.map(scrape, pages, { chunksize: 1, timeout: 120_000 });
pool.close();
await pool.join();
server.close();
server.closeAllConnections();
assert.deepStrictEqual(
  found.map(({ page }) => page),
  pages,
);
assert(found[0].failures.includes('TimeoutError'));
assert(found.slice(1).every(({ failures }) => failures.includes('status 503')));
for (const { page, title, links, scripts, failures } of found) {
  console.log(`${page}: "${title}", ${links} links, ${scripts} scripts, after ${failures.join(' and ')}`);
}
