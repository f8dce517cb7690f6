// What the first call over an array needs is loaded while a pool has nothing to do, and only then; what calls can do without
// comes after them.
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { nodes } from '../function/nodes.js';
import { Program } from '../lifetime/program.js';

let program: Program | undefined;
afterEach(() => program?.destroy());

/** Whether the parser has been loaded, and some turns of the timers. */
const LOADED = `
  const isLoaded = () => Object.keys(require.cache).some((file) => file.includes('acorn'));
  const turns = async (count) => { for (let n = 0; n < count; n++) await new Promise((done) => setTimeout(done, 1)); };
`;

describe.each(nodes)('$label', ({ path }) => {
  test.each(['Pool', 'ThreadPool'])('an idle %s loads the parser and compiles', async (Class) => {
    program = new Program(
      `${LOADED}
      (async () => {
        const pool = await ${Class}.create(1);
        const before = isLoaded();
        while (!isLoaded()) await turns(1);
        await turns(10);
        console.log('loaded', before, await pool.map((x) => Math.exp(x) * 0 + x, Float64Array.of(1, 2)));
        await pool.terminate();
      })();`,
      { node: path },
    );
    expect(await program.ended).toEqual({
      code: 0,
      signal: null,
      out: 'loaded false Float64Array(2) [ 1, 2 ]\n',
      err: '',
    });
  });
});

test.each([
  ['has a task', 'const task = pool.apply(() => { while (true) Math.random(); }).catch(({ code }) => code);'],
  ['is closed', "pool.on('workerStart', () => pool.close());"],
  ['is terminated', "pool.on('workerStart', () => void pool.terminate());"],
])('a pool that %s when its workers are up loads nothing', async (_, act) => {
  program = new Program(`${LOADED}
    (async () => {
      const pool = new Pool(1);
      // A pool does not keep the program.
      const kept = setInterval(() => 0, 1000);
      const started = new Promise((resolve) => pool.on('workerStart', resolve));
      ${act}
      await started;
      await turns(20);
      console.log('loaded', isLoaded());
      clearInterval(kept);
      await pool.terminate();
    })();`);
  expect(await program.ended).toEqual({ code: 0, signal: null, out: 'loaded false\n', err: '' });
});

test('what cannot be loaded is said by the call that needs it', async () => {
  program = new Program(`
    const { Module } = require('node:module');
    const load = Module._load;
    let asked = 0;
    Module._load = function (request, ...rest) {
      if (request !== 'acorn') return load.call(this, request, ...rest);
      asked += 1;
      throw new Error('no parser');
    };
    (async () => {
      const pool = await Pool.create(1);
      while (asked === 0) await new Promise(setImmediate);
      for (let n = 0; n < 10; n++) await new Promise((done) => setTimeout(done, 1));
      console.log('asked', asked, await pool.apply((x) => x + 1, [1]));
      try { manyhands.kernel((x) => x + 1); } catch ({ message }) { console.log(message); }
      await pool.terminate();
    })();`);
  expect(await program.ended).toEqual({ code: 0, signal: null, out: 'asked 1 2\nno parser\n', err: '' });
});

test.each([
  ['after the call', 'const next = () => turns(1);', 1],
  ['after some calls that leave no turn between them', 'const next = () => undefined;', 5],
])('the file of a function is parsed for its constants %s', async (_, next, most) => {
  program = new Program(`${LOADED}
    const acorn = require('acorn');
    const { parse } = acorn;
    let files = 0;
    acorn.parse = (text, options) => {
      if (text.includes('moveTo')) files += 1;
      return parse(text, options);
    };
    const { line, moveTo } = require(${JSON.stringify(join(import.meta.dirname, 'fixtures/variables.cjs'))});
    ${next}
    (async () => {
      const pool = new ThreadPool(1);
      const parsed = [];
      for (let n = 0; n < 8; n++) {
        if (n === 7) moveTo(3);
        const [result] = pool.mapSync(line, Float64Array.of(5));
        if (result !== (n === 7 ? 13 : 11)) throw new Error('got ' + result + ' for ' + n);
        parsed.push(files);
        await next();
      }
      console.log(parsed.indexOf(1), parsed.at(-1));
      await pool.terminate();
    })();`);
  expect(await program.ended).toEqual({ code: 0, signal: null, out: `${most} 1\n`, err: '' });
});
