// Measures kernels and operations beside their rivals and writes docs/kernel-benchmarks.md and docs/kernel-speed.svg.
// Usage: [PYTHON=path] node bench/kernels/record.mjs [a section's title ...]; all of them take 20 minutes, and want a machine
// that does nothing else. Sections that are not named stay as they are.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { quietMoment } from '../quiet.mjs';
import { machine } from '../record.mjs';
import { markdownTable, number } from '../report.mjs';
import { middle, times } from '../turns.mjs';
import { logLogPlot } from './plot.mjs';

const root = new URL('../../', import.meta.url).pathname;
const [BEGIN, END] = ['<!-- begin: written by `node bench/kernels/record.mjs` -->', '<!-- end -->'];
const SIZES = [1e3, 1e4, 1e5, 1e6, 1e7];
const PLOTTED = ['native, out', 'V8 loop', 'typedArray.map', '2 workers', 'gcc', 'numba', 'numexpr', 'numpy'];

const TURNS =
  'In each of sixteen rounds, in four sets of processes, the engines run one after the other, each some calls in a row, whose ' +
  'median counts; the table has the medians of the rounds. Ratios are taken within each round; more than 1 is slower than ours.';

const folder = mkdtempSync(join(tmpdir(), 'manyhands-bench-'));
const foreign = [];

async function measured(program, ...options) {
  foreign.push(await quietMoment());
  const file = join(folder, 'result.json');
  const ran = spawnSync(process.execPath, [join(root, program), '--json', file, ...options], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (ran.status !== 0) throw new Error(`${program} ended with ${ran.status ?? ran.signal}`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Compilers and pages have good and bad luck that lasts as long as a process. */
const PROCESSES = 4;

/** The turns of each engine in so many processes, one after the other. */
async function inProcesses(program) {
  const table = await measured(program);
  for (let run = 1; run < PROCESSES; run++) {
    for (const [name, row] of Object.entries(await measured(program)))
      for (const [engine, { turns }] of Object.entries(row)) table[name][engine].turns.push(...turns);
  }
  return table;
}

/** One row for each case: its engines in ms, and how many times longer than ours those of `against` take; `pairs` are others that are compared. */
function rows(table, engines, ours, against, pairs = []) {
  const compared = [...against.map((rival) => [rival, ours, `${rival} / ours`]), ...pairs];
  return Object.entries(table).map(([name, row]) => ({
    case: `\`${name}\``,
    ...Object.fromEntries(engines.map((engine) => [engine, engine in row ? number(middle(row[engine].turns)) : ''])),
    ...Object.fromEntries(
      compared.map(([rival, base, title]) => [title, rival in row ? `${number(times(row[rival], row[base]))}x` : '']),
    ),
  }));
}

/** Nanoseconds for one element at each size, and what calls over the largest need beside their arrays. */
function growthRows({ sizes, large, table }) {
  const power = (size) => `10^${Math.log10(size)}`;
  return Object.entries(table).map(([name, { ns, bytes }]) => ({
    case: `\`${name}\``,
    ...Object.fromEntries(sizes.map((size, i) => [power(size), number(ns[i])])),
    ...Object.fromEntries(large.map((size, i) => [`MB at ${power(size)}`, number(bytes[i] / 1e6)])),
  }));
}

async function plotted() {
  const lines = Object.fromEntries(PLOTTED.map((engine) => [engine, []]));
  for (const elements of SIZES) {
    const { sinexp } = await measured('bench/kernels.mjs', '--only', 'sinexp', '--elements', String(elements));
    for (const engine of PLOTTED)
      if (engine in sinexp) lines[engine].push([elements, (sinexp[engine].ms / elements) * 1e6]);
  }
  const drawn = Object.entries(lines).filter(([, points]) => points.length > 0);
  return logLogPlot({
    title: 'sin(x) * exp(-x * x) over doubles, two threads',
    xLabel: 'elements',
    yLabel: 'ns for one element',
    lines: Object.fromEntries(drawn.map(([name, points]) => [name === 'native, out' ? 'manyhands' : name, points])),
  });
}

/** What each section says. */
const SECTIONS = {
  async Kernels() {
    const kernels = await inProcesses('bench/kernels.mjs');
    writeFileSync(join(root, 'docs/kernel-speed.svg'), await plotted());
    const engines = ['native, out', 'native', 'native, fast', 'V8 loop', 'typedArray.map', '2 workers'];
    const others = ['gcc', 'gcc -ffast-math', 'numba', 'numexpr', 'numpy'];
    return [
      'Ten million elements (images: 8.3 million, Mandelbrot: one million), two threads, ms. ' + TURNS,
      markdownTable(
        rows(kernels, [...engines, ...others], 'native, out', ['gcc', 'numba', 'V8 loop', 'typedArray.map']),
      ),
    ];
  },
  async Operations() {
    const operations = await inProcesses('bench/operations.mjs');
    return [
      'Ten million doubles, two threads, ms. Large pages: ours where Node is told to ask for them, as numpy does for its arrays and so for ' +
        "numba's. " +
        TURNS,
      markdownTable(
        rows(
          operations,
          ['manyhands', 'large pages', 'V8 loop', 'typedArray.map', 'numpy', 'numba', 'C'],
          'manyhands',
          ['C', 'numba', 'numpy', 'typedArray.map'],
          [['numba', 'large pages', 'numba / large pages']],
        ),
      ),
    ];
  },
  async Growth() {
    const growth = await measured('bench/kernels/growth.mjs');
    return [
      'Nanoseconds for one of so many doubles, two threads, in calls that go on through an array of 10^8, so that elements come from ' +
        'memory; each turn takes 10^8 of them, and what earlier results leave to the collector counts. Then the megabytes that a ' +
        'call needs at once beside its arrays and results.',
      markdownTable(growthRows(growth)),
    ];
  },
  async 'Calls and compilation'() {
    const calls = await measured('bench/kernels/calls.mjs');
    return [
      'Microseconds: medians of fifteen processes, and within the first five rows of many calls.',
      markdownTable(Object.entries(calls).map(([what, us]) => ({ what, us: number(us) }))),
    ];
  },
};

const { positionals: wanted } = parseArgs({ allowPositionals: true });
const page = join(root, 'docs/kernel-benchmarks.md');

try {
  const unknown = wanted.find((title) => !Object.hasOwn(SECTIONS, title));
  if (unknown !== undefined)
    throw new RangeError(`Expected a section to be one of ${Object.keys(SECTIONS).join(', ')}, got ${unknown}`);
  const sections = {};
  for (const [title, section] of Object.entries(SECTIONS))
    if (wanted.length === 0 || wanted.includes(title)) sections[title] = (await section()).join('\n\n');
  const [before, rest] = readFileSync(page, 'utf8').split(BEGIN);
  const [old, after] = rest.split(END);
  const [heads, ...olds] = old.split('\n## ');
  for (const [title, ...text] of olds.map((part) => part.split('\n'))) sections[title] ??= text.join('\n').trim();
  const { cpu, cores, memoryGiB, kernel, node } = machine();
  const measuredOn = () =>
    `Measured on ${new Date().toISOString().slice(0, 10)}: ${cpu}, ${cores} cores, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}. ` +
    `Other programs used at most ${number(100 * Math.max(...foreign))} % of the machine before each part.`;
  const head = wanted.length === 0 ? measuredOn() : heads.trim();
  const parts = [BEGIN, head, ...Object.keys(SECTIONS).flatMap((title) => [`## ${title}`, sections[title]]), END];
  writeFileSync(page, `${before}${parts.join('\n\n')}${after}`);
} finally {
  rmSync(folder, { recursive: true });
}
