// `npm run bench`: measures manyhands beside its rivals, interleaved, and prints the tables.
// Usage: node bench/run.mjs [--quick] [--record] [--rounds N] [--peers a,b] [pool] [messages] [part of a case's name ...]
// pool, messages: only this group of cases; --quick: every case once with small numbers, answers checked, no figures worth
// reading; --record: writes the JSON record and the page of each group; --peers: only these contestants.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadGroups } from './cases.mjs';
import { Contestant, CONTESTANTS } from './contestant.mjs';
import { quantile, summary } from './measure.mjs';
import { quietMoment } from './quiet.mjs';
import { machine, writeJson, writePage } from './record.mjs';
import { detailRows, markdownTable, summaryRows } from './report.mjs';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    peers: { type: 'string' },
  },
});
const { quick } = flags;
const rounds = Number(flags.rounds);
if (!Number.isInteger(rounds) || rounds < 1)
  throw new RangeError(`Expected \`--rounds\` to be a positive integer, got \`${flags.rounds}\``);
const groups = await loadGroups(positionals);
if (groups.length === 0) throw new Error(`No case is called ${positionals.join(' or ')}`);
if (flags.record && (quick || flags.peers !== undefined || groups.some(({ isWhole }) => !isWhole))) {
  throw new Error('--record writes whole tables: it goes with no other option, and with no names but those of groups');
}
const hasPython = spawnSync('python3', ['--version']).status === 0;
const wanted = flags.peers?.split(',');
let foreign = [];
let failures = 0;

/** Who takes part in a case. */
function entriesOf({ contestants = CONTESTANTS, peers }) {
  return contestants.filter(
    ({ peer }) =>
      (peer !== 'python' || hasPython) && (wanted?.includes(peer) ?? true) && (peers?.includes(peer) ?? true),
  );
}

async function failing(contestant, name, action) {
  try {
    return await action();
  } catch (error) {
    failures++;
    console.error(`${contestant.name}, ${name}: ${error.message}`);
    return undefined;
  }
}

/** One round of a contestant that starts anew for each. */
async function freshRound(entry, { name, file }) {
  const contestant = new Contestant(entry);
  try {
    await contestant.ask('open', { name, file, quick });
    const values = await contestant.ask('round');
    await contestant.ask('close');
    return values;
  } finally {
    await contestant.end();
  }
}

/** Rounds of all contestants in turn, so that a change of the machine's mood meets all of them. */
async function measure(definition) {
  const { name, file } = definition;
  const standing = [];
  for (const entry of entriesOf(definition)) {
    const contestant = definition.fresh ? undefined : new Contestant(entry);
    const opened =
      contestant === undefined ||
      (await failing(entry, name, async () => (await contestant.ask('open', { name, file, quick }), true)));
    if (opened) standing.push({ entry, contestant, samples: [] });
    else await contestant.end();
  }
  for (let round = 0; round < (quick ? 1 : Math.min(rounds, definition.rounds ?? rounds)); round++) {
    for (const place of round % 2 === 0 ? standing : standing.toReversed()) {
      if (!quick) foreign.push(await quietMoment());
      const { entry, contestant, samples } = place;
      const values = await failing(entry, name, () => contestant?.ask('round') ?? freshRound(entry, definition));
      if (values !== undefined) samples.push(...values);
    }
  }
  for (const { entry, contestant } of standing) {
    if (contestant === undefined) continue;
    await failing(entry, name, () => contestant.ask('close'));
    await contestant.end();
  }
  const results = standing
    .filter(({ samples }) => samples.length > 0)
    .map(({ entry, samples }) => ({ ...entry, ...summary(samples) }));
  return { definition, results };
}

/** Every case once: the contestants side by side, each in one process. */
async function quickly(definitions) {
  const everybody = new Map(definitions.flatMap(entriesOf).map((entry) => [entry.name, entry]));
  const lanes = [...everybody.values()].map(async (entry) => {
    const contestant = new Contestant(entry);
    for (const definition of definitions) {
      const { name, file } = definition;
      if (!entriesOf(definition).some((other) => other.name === entry.name)) continue;
      await failing(entry, name, async () => {
        await contestant.ask('open', { name, file, quick });
        const values = await contestant.ask('round');
        if (values.length === 0 || !values.every(Number.isFinite)) throw new Error(`no figures: ${values}`);
        await contestant.ask('close');
        console.log(`${entry.name}, ${name}: ok`);
      });
    }
    await contestant.end();
  });
  await Promise.all(lanes);
}

/** The cases of a group with the figures of all contestants, printed, and recorded if that is wanted. */
async function thoroughly(group) {
  foreign = [];
  const cases = [];
  for (const definition of group.definitions) {
    const measured = await measure(definition);
    cases.push(measured);
    console.log(`\n${definition.title}\n${markdownTable(detailRows(measured))}`);
  }
  console.log(`\n${markdownTable(summaryRows(cases))}`);
  if (!flags.record) return;
  const run = {
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    foreignShare: { median: quantile(foreign, 0.5), most: Math.max(...foreign) },
    cases,
  };
  console.log(`\nrecorded in ${writeJson(run, group)} and docs/${group.page}`);
  writePage(run, group, JSON.parse(readFileSync(new URL('reasons.json', import.meta.url), 'utf8')));
}

for (const group of groups) {
  if (quick) await quickly(group.definitions);
  else await thoroughly(group);
}
process.exitCode = failures === 0 ? 0 : 1;
