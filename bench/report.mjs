// The results as tables: for the terminal, and as Markdown for docs/benchmarks.md.
import { best, judge, oursOf, rivalsOf, timesBetter } from './verdict.mjs';

const SIGNIFICANT = 3;

export function number(value) {
  if (!Number.isFinite(value)) return '-';
  const digits = Math.max(0, SIGNIFICANT - 1 - Math.floor(Math.log10(Math.max(Math.abs(value), 0.01))));
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: Math.min(digits, 2) });
}

export const spread = ({ median, low, high }) => `${number(median)} (${number(low)} to ${number(high)})`;

export function barText({ bar, better, unit }) {
  const parts = [];
  const sign = better === 'lower' ? '<=' : '>=';
  if (bar.limit !== undefined) {
    parts.push(`${sign} ${number(bar.limit)} ${unit}${bar.kind === undefined ? '' : `, ${bar.kind}es`}`);
  }
  if (bar.times !== undefined) {
    parts.push(
      `>= ${bar.times.least}x ${bar.times.of === 'best' ? 'the best rival' : (bar.times.name ?? "Python's Pool")}`,
    );
  }
  if (bar.notSlowerThanBest) parts.push('no rival faster');
  return parts.join('; ');
}

function cell(definition, result, results) {
  if (result === undefined) return '-';
  const judged = definition.bar.kind === undefined || definition.bar.kind === result.kind;
  return `${spread(result)}${judged ? (judge(definition, result, results) ? ', met' : ', **missed**') : ''}`;
}

/** One row for each case: bar, our figures, the best rival. */
export function summaryRows(cases) {
  return cases.map(({ definition, results }) => {
    const ours = (kind) => oursOf(definition, results, kind);
    const rivals = rivalsOf(results);
    const rival = rivals.length > 0 ? best(rivals, definition.better) : undefined;
    return {
      case: `${definition.title}, ${definition.unit}`,
      bar: barText(definition),
      processes: cell(definition, ours('process'), results),
      threads: cell(definition, ours('thread'), results),
      'best rival': rival === undefined ? '-' : `${number(rival.median)}, ${rival.name}`,
    };
  });
}

/** Every contestant of one case, best first; the ratio is to our processes, or threads where there are none. */
export function detailRows({ definition, results }) {
  const ours = (kind) => oursOf(definition, results, kind);
  const reference = ours('process') ?? ours('thread');
  const sorted = results.toSorted((a, b) =>
    definition.better === 'lower' ? a.median - b.median : b.median - a.median,
  );
  return sorted.map((result) => ({
    contestant: result.name,
    [definition.unit]: number(result.median),
    '10 % to 90 %': `${number(result.low)} to ${number(result.high)}`,
    samples: String(result.samples),
    [reference?.kind === 'thread' ? 'our threads are' : 'our processes are']:
      reference === undefined ? '-' : `${number(timesBetter(reference, result, definition.better))}x`,
  }));
}

export function markdownTable(rows) {
  const columns = Object.keys(rows[0]);
  const widths = columns.map((column) => Math.max(3, column.length, ...rows.map((row) => row[column].length)));
  const line = (cells) => `| ${cells.map((text, n) => text.padEnd(widths[n])).join(' | ')} |`;
  return [
    line(columns),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...rows.map((row) => line(columns.map((column) => row[column]))),
  ].join('\n');
}
