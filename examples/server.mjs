// A server that gives its CPU-bound requests to a pool and so answers the others at once.
import assert from 'node:assert';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { Pool } from 'manyhands';

const pool = await Pool.create(2);
const fibonacci = (n) => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2));

const answered = [];
const server = createServer(async (request, response) => {
  response.on('finish', () => answered.push(request.url));
  if (request.url === '/ping') return response.end('pong');
  try {
    response.end(String(await pool.apply(fibonacci, [38], { timeout: 60_000 })));
  } catch (error) {
    response.writeHead(500).end(error.message);
  }
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const get = async (path) => (await fetch(`http://127.0.0.1:${server.address().port}${path}`)).text();

const slow = [get('/fibonacci'), get('/fibonacci')];
assert.strictEqual(await get('/ping'), 'pong');
assert.deepStrictEqual(await Promise.all(slow), ['39088169', '39088169']);
assert.deepStrictEqual(answered, ['/ping', '/fibonacci', '/fibonacci']);
server.close();
server.closeAllConnections();
pool.close();
await pool.join();
console.log('pong came while two long requests ran:', answered.join(', '));
