// Reports how far a map has come: to the caller's function, and as a bar on a terminal.
import type { SingleBar } from 'cli-progress';

/** Called after each chunk with the items done so far. */
export type ProgressReport = (done: number, total: number) => void;

/**
 * The report for these options, or undefined when nobody wants one. The bar is drawn on stderr, only when that is a
 * terminal.
 */
export function progressReporter(
  onProgress: ((progress: { done: number; total?: number }) => void) | undefined,
  progress: unknown,
): ProgressReport | undefined {
  const draw = progress !== undefined && progress !== false && process.stderr.isTTY ? bar(progress) : undefined;
  if (onProgress === undefined) return draw;
  return (done, total) => {
    onProgress({ done, total });
    draw?.(done, total);
  };
}

function bar(title: unknown): ProgressReport {
  let drawn: SingleBar | undefined;
  return (done, total) => {
    if (drawn === undefined) {
      // Loaded only for those who want a bar.
      const { SingleBar, Presets } = require('cli-progress') as typeof import('cli-progress');
      const format = `${typeof title === 'string' ? `${title} ` : ''}{bar} {percentage}% | {value}/{total} | {eta_formatted} left`;
      drawn = new SingleBar(
        { format, stream: process.stderr, hideCursor: true, clearOnComplete: false },
        Presets.shades_classic,
      );
      drawn.start(total, 0);
    }
    drawn.update(done);
    if (done >= total) drawn.stop();
  };
}
