// Tells of a captured value that turned out not to be copyable when it was sent: by which variable it was captured.
import { DataCloneError } from '../../errors.js';
import { type Graph, TRAILS } from './graph.js';
import { refusal } from './trail.js';

const NODE = /^[^.]+\.nodes\[(\d+)\]\.(?:value|data)(.*)$/s;
const LONGEST_PATH = 300;
const INTRODUCTION = /^.* cannot be copied: /s;

/** The CaptureError for a DataCloneError in a graph of captured values; any other error as it is. */
export function lateRefusal(error: unknown, values: unknown): unknown {
  if (!(error instanceof DataCloneError)) return error;
  const [, node, below] = NODE.exec(error.path) ?? [];
  const trail = (values as Graph)[TRAILS]?.[Number(node)];
  if (trail === undefined) return error;
  const place = `${trail.label}${below}`;
  const shown = place.length > LONGEST_PATH ? `${place.slice(0, LONGEST_PATH)}…` : place;
  return refusal(trail, shown, error.message.replace(INTRODUCTION, ''), error);
}
