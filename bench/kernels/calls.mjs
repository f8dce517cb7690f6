// What a call costs by itself and how long compiling takes: calls of 1,000 doubles, and kernels in fresh and in warm processes.
// Usage: node bench/kernels/calls.mjs [--json file]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { kernel, ThreadPool } from '../../dist/index.mjs';
import { randomNumbers } from '../operations/doubles.mjs';
import { middle } from '../turns.mjs';
import { answerOf, idlePool } from './alone.mjs';

const { values: flags } = parseArgs({ options: { json: { type: 'string' }, alone: { type: 'string' } } });
const THREADS = 2;
const PROCESSES = 15;
const CALLS = 20_000;
const COMPILED = 200;

/** One after the other in a fresh process. */
const KERNELS = [
  (v) => v * 2 + 1,
  (v) => v * v * v * 0.3 - v * v + 2 * v - 7,
  (v) => (v > 5 ? v * 2 : v / 3),
  (v) => Math.sin(v) * Math.exp(-v * v),
  (s, k) => {
    const d = (Math.log(s / k) + 0.02) / 0.3;
    return s * Math.exp(-d * d) - k * Math.exp(-0.02) * Math.sqrt(d * d + 1);
  },
  (v) => v ** 1.7,
  (a, b) => Math.hypot(a, b) + Math.atan2(a, b),
  (v) => {
    let y = v;
    for (let step = 0; step < 8; step++) y = (y + v / y) / 2;
    return y;
  },
];

const rate = 0.02;
const capturing = (v) => v * (1 + rate);

/** Microseconds of `run()`. */
function timed(run) {
  const begun = performance.now();
  run();
  return (performance.now() - begun) * 1e3;
}

/** Each of the kernels for the first time, and the last one again. */
const compiled = () => ({
  first: KERNELS.map((f) => timed(() => kernel(f))),
  again: timed(() => kernel(KERNELS.at(-1))),
  capturing: timed(() => kernel(capturing)),
});

const ALONE = {
  fresh: () => compiled(),
  async idle() {
    const pool = await idlePool(THREADS);
    const answer = compiled();
    await pool.terminate();
    return answer;
  },
  async warm() {
    const pool = new ThreadPool(THREADS);
    const x = randomNumbers(1000);
    const out = x.slice();
    const f = (v) => Math.sqrt(v * v) * 2 + 1;
    const [calls, sync, loop] = [[], [], []];
    for (let call = 0; call < CALLS; call++) {
      const begun = performance.now();
      await pool.map(f, x, { out });
      calls.push((performance.now() - begun) * 1e3);
    }
    for (let call = 0; call < CALLS; call++) sync.push(timed(() => pool.mapSync(f, x, { out })));
    for (let call = 0; call < CALLS; call++) {
      loop.push(
        timed(() => {
          for (let i = 0; i < x.length; i++) out[i] = f(x[i]);
        }),
      );
    }
    const first = [];
    for (let number = 0; number < COMPILED; number++) {
      const text = `(v) => Math.sin(v + ${number}) * Math.exp(-v * v) + (v > ${number} ? v * 2 : v / 3)`;
      const fresh = (0, eval)(text);
      first.push(timed(() => kernel(fresh)));
    }
    const again = Array.from({ length: COMPILED }, () => timed(() => kernel(f)));
    await pool.terminate();
    return { calls: middle(calls), sync: middle(sync), loop: middle(loop), first: middle(first), again: middle(again) };
  },
};

/** What is told of the answers of processes that run a part: a row's name, and its microseconds in an answer. */
const WARM = {
  '`await pool.map(f, x, { out })`, 1,000 doubles': ({ calls }) => calls,
  '`pool.mapSync(f, x, { out })`, the same': ({ sync }) => sync,
  "V8's loop, the same": ({ loop }) => loop,
  '`kernel(f)` of a known function': ({ again }) => again,
  '`kernel(f)` of a new function': ({ first }) => first,
};
const LATER = KERNELS.length - 1;
const COLD = {
  'first kernel of a process': ({ first }) => first[0],
  [`middle one of the ${LATER} next ones`]: ({ first }) => middle(first.slice(1)),
  [`longest of the ${LATER} next ones`]: ({ first }) => Math.max(...first.slice(1)),
  'one of them again': ({ again }) => again,
  'first that captures a variable': (answer) => answer.capturing,
};

if (flags.alone !== undefined) {
  console.log(JSON.stringify(await ALONE[flags.alone]()));
} else {
  const rows = {};
  for (const [part, told, where] of [
    ['warm', WARM, ''],
    ['idle', COLD, ', after a pool had nothing to do'],
    ['fresh', COLD, ', at once'],
  ]) {
    const answers = Array.from({ length: PROCESSES }, () => answerOf(import.meta.url, ['--alone', part]));
    for (const [name, microseconds] of Object.entries(told)) {
      const us = middle(answers.map(microseconds));
      rows[name + where] = us;
      console.log(`${(name + where).padEnd(80)}${us.toFixed(1).padStart(10)} us`);
    }
  }
  if (flags.json !== undefined) writeFileSync(flags.json, JSON.stringify(rows));
}
