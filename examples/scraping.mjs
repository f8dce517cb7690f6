// Web scraping: real pages served on loopback by a flaky server; each task fetches (with a retry and a time-out) and parses.
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
  if (!seen.has(page)) {
    seen.add(page);
    return response.writeHead(503).end();
  }
  response.end(readFileSync(new URL(page, folder)));
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const address = `http://127.0.0.1:${server.address().port}/`;

async function scrape(page) {
  for (let attempt = 1; attempt <= 3; attempt++) {
    const response = await fetch(address + encodeURIComponent(page), { signal: AbortSignal.timeout(30_000) });
    if (!response.ok) continue;
    const $ = load(await response.text());
    return { page, attempt, links: $('a').length, words: $('body').text().split(/\s+/).length };
  }
  throw new Error(`${page} never came`);
}

const pool = new Pool(2);
const found = await pool.map(scrape, pages, { chunksize: 1, timeout: 120_000 });
pool.close();
await pool.join();
server.close();
server.closeAllConnections();
assert.strictEqual(found.length, pages.length);
assert(found.length > 0 && found.every((row) => row.attempt === 2));
console.log(`${found.length} pages, each got at the second attempt`);
