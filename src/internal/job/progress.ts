// Reports how far a map has come: to the caller's function, and as a bar on a terminal.
import type { SingleBar } from 'cli-progress';

export interface ProgressReport {
  /** So many items are done. */
  advance(done: number): void;
  /** All chunks have ended, well or not. */
  end(): void;
}

/**
 * The report for these options, or undefined when nobody wants one. The bar is drawn on stderr, only when that is a
 * terminal.
 */
export function progressReporter(
  total: number,
  onProgress: ((progress: { done: number; total?: number }) => void) | undefined,
  progress: unknown,
): ProgressReport | undefined {
  const wanted = progress !== undefined && progress !== false && process.stderr.isTTY;
  if (onProgress === undefined && !wanted) return undefined;
  let bar: SingleBar | undefined;
  return {
    advance: (done) => {
      onProgress?.({ done, total });
      if (wanted) (bar ??= drawBar(progress, total)).update(done);
    },
    // Also after a failure: a bar that is not stopped keeps its timer and hides the cursor.
    end: () => bar?.stop(),
  };
}

function drawBar(title: unknown, total: number): SingleBar {
  // Loaded only for those who want a bar.
  const { SingleBar, Presets } = require('cli-progress') as typeof import('cli-progress');
  const format = `${typeof title === 'string' ? `${title} ` : ''}{bar} {percentage}% | {value}/{total} | {eta_formatted} left`;
  const bar = new SingleBar(
    { format, stream: process.stderr, hideCursor: true, clearOnComplete: false },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return bar;
}
