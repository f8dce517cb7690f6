// Writes a run down: as JSON under bench/record, and as the tables of a page under docs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { judge, oursOf } from './verdict.mjs';
import { detailRows, markdownTable, number, summaryRows } from './report.mjs';

const file = (path) => new URL(`../${path}`, import.meta.url);
const BEGIN = /<!-- begin: written by `npm run bench -- [^`]*` -->/;
const END = '<!-- end -->';

/** What the figures were measured on; nothing that names the machine itself. */
export function machine() {
  return {
    cpu: os.cpus()[0].model.trim(),
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    kernel: os.release().split('-')[0],
    node: process.version,
  };
}

export function writeJson(run, { record }) {
  const cpu = run.machine.cpu.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const path = `bench/record/${run.date}-${cpu}${record}.json`;
  mkdirSync(file('bench/record'), { recursive: true });
  writeFileSync(file(path), `${JSON.stringify(run, null, 2)}\n`);
  return path;
}

function missedNotes(cases, reasons) {
  const lines = [];
  for (const { definition, results } of cases) {
    for (const result of ['process', 'thread'].map((kind) => oursOf(definition, results, kind))) {
      if (result === undefined || judge(definition, result, results)) continue;
      const reason = reasons[`${definition.name}, ${result.kind}`] ?? reasons[definition.name];
      lines.push(`- ${definition.title}, ${result.kind}: ${reason ?? 'not explained yet.'}`);
    }
  }
  return lines.length === 0 ? 'None.' : lines.join('\n');
}

/** Replaces what stands between the two marks of the group's page. */
export function writePage(run, group, reasons) {
  const page = file(`docs/${group.page}`);
  const { cpu, cores, memoryGiB, kernel, node } = run.machine;
  const foreign = `${number(100 * run.foreignShare.median)} % (at most ${number(100 * run.foreignShare.most)} %)`;
  const text = readFileSync(page, 'utf8');
  const [begin] = BEGIN.exec(text);
  const [before, rest] = text.split(begin);
  const parts = [
    begin,
    `Measured on ${run.date}: ${cpu}, ${cores} cores, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}. ` +
      `Other programs used ${foreign} of the machine between the rounds.`,
    'Each cell: median (10th to 90th percentile of the samples).',
    markdownTable(summaryRows(run.cases)),
    '## Missed bars',
    missedNotes(run.cases, reasons),
    '## All contestants',
    ...run.cases.flatMap((each) => [
      `### ${each.definition.title}, ${each.definition.unit}`,
      markdownTable(detailRows(each)),
    ]),
    END,
  ];
  writeFileSync(page, `${before}${parts.join('\n\n')}${rest.split(END)[1]}`);
}
