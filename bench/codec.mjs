// Times the codec beside V8's serializer, JSON and structuredClone: microseconds for each value, both ways.
// Usage: node bench/codec.mjs [part of a case's name]; needs `npm run build:ts`.
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';

const require = createRequire(import.meta.url);
const { ByteReader } = require('../dist/internal/codec/byte-reader.js');
const { ByteWriter } = require('../dist/internal/codec/byte-writer.js');
const { decode, decodeItems, packedNumbers } = require('../dist/internal/codec/decode.js');
const { encode, encodeItems } = require('../dist/internal/codec/encode.js');

const ROUNDS = 7;
const ROUND_MS = 40;
// Small values are timed in groups: the clock itself takes as long as they do.
const GROUP = 100;

const record = (i) => ({
  id: i,
  name: `user${i}`,
  email: `user${i}@example.com`,
  age: 20 + (i % 60),
  active: i % 2 === 0,
  score: i * 1.37,
  city: 'Berlin',
  zip: 10000 + i,
  balance: i / 7,
  role: 'member',
});
const list = (length, make) => Array.from({ length }, (_, i) => make(i));

const CASES = {
  'small integer': 42,
  double: 3.14159,
  'string of 20': 'abcdefghijklmnopqrst',
  'string of 1 MB': 'x'.repeat(1e6),
  'object of 5 fields': { a: 1, b: 'hello', c: true, d: 2.5, e: null },
  '1,000 objects of 10 fields': list(1000, record),
  '1,000 strings': list(1000, (i) => `item number ${i}`),
  '1,000 pairs': list(1000, (i) => [i, i + 1]),
  '1 M integers': list(1e6, (i) => i),
  '1 M doubles': list(1e6, (i) => i * 1.1),
  'Float64Array of 1 MiB': new Float64Array(131072),
  map: new Map(list(10, (i) => [`k${i}`, i])),
  error: new Error('x'),
};

/** Best of some rounds, in microseconds. */
function time(run, group) {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    let runs = 0;
    let elapsed;
    const start = performance.now();
    do {
      for (let i = 0; i < group; i++) run();
      runs += group;
      elapsed = performance.now() - start;
    } while (elapsed < ROUND_MS);
    best = Math.min(best, elapsed / runs);
  }
  return best * 1000;
}

const row = (name, times) =>
  console.log(name.padEnd(28), ...times.map((t) => (typeof t === 'number' ? t.toFixed(3) : t).padStart(11)));

const writer = new ByteWriter(1024 * 1024);
const encodeContext = { path: 'value' };
const decodeContext = {};

row('microseconds', ['encode', 'decode', 'v8 out', 'v8 in', 'JSON out', 'JSON in', 'clone']);
for (const [name, value] of Object.entries(CASES)) {
  if (process.argv[2] !== undefined && !name.includes(process.argv[2])) continue;
  writer.reset();
  encode(value, writer, encodeContext);
  const end = writer.position;
  if (!isDeepStrictEqual(decode(new ByteReader(writer.bytes, 0, end), decodeContext), value))
    throw new Error(`${name} was not copied`);
  const group = end < 1000 ? GROUP : 1;
  const serialized = serialize(value);
  const json = JSON.stringify(value);
  row(name, [
    time(() => {
      writer.reset();
      encode(value, writer, encodeContext);
    }, group),
    time(() => decode(new ByteReader(writer.bytes, 0, end), decodeContext), group),
    time(() => serialize(value), group),
    time(() => deserialize(serialized), group),
    time(() => JSON.stringify(value), group),
    time(() => JSON.parse(json), group),
    time(() => structuredClone(value), group),
  ]);
}

row('items', ['encode', 'decode', 'in place']);
for (const name of ['1 M integers', '1 M doubles']) {
  const items = CASES[name];
  const write = () => {
    writer.reset();
    encodeItems(items, 0, items.length, writer, encodeContext);
  };
  const sum = () => {
    const numbers = packedNumbers(new ByteReader(writer.bytes, 0, writer.position));
    let total = 0;
    for (let i = 0; i < numbers.length; i++) total += numbers[i];
    return total;
  };
  row(name, [
    time(write, 1),
    time(() => decodeItems(new ByteReader(writer.bytes, 0, writer.position), decodeContext), 1),
    time(sum, 1),
  ]);
}
