// The way from the function to the value being captured, and the refusals that tell it.
import { CaptureError } from '../../errors.js';

/** One step; the steps are linked towards the function that crosses. */
export interface Trail {
  readonly label: string;
  readonly parent: Trail | undefined;
  /** The step is a free variable of this function. */
  readonly owner?: string;
}

export const step = (parent: Trail | undefined, label: string): Trail => ({ label, parent });

export const variableStep = (parent: Trail, name: string): Trail => ({ label: name, parent, owner: parent.label });

function labels(trail: Trail | undefined): string[] {
  const path: string[] = [];
  for (let at = trail; at !== undefined; at = at.parent) path.unshift(at.label);
  return path;
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Why the value at the end of the trail cannot cross, with the variable, the path and the remedy. */
export function refusal(trail: Trail, what: string, reason: string, cause?: unknown, remedy?: string): CaptureError {
  const path = labels(trail);
  let variable: Trail | undefined = trail;
  while (variable !== undefined && variable.owner === undefined) variable = variable.parent;
  const through = path.length > 1 ? ` Captured through ${path.join(' -> ')}.` : '';
  if (variable === undefined) {
    return new CaptureError(
      `Cannot capture ${what}: ${reason}.${through} ${remedy ?? 'Give its variables by hand: pool.apply(fn, args, { with: { name: value } }), pass what it needs as arguments, or export it from a module and send { module, name }.'}`,
      { path, cause },
    );
  }
  const name = variable.label;
  const property = IDENTIFIER.test(name) ? name : JSON.stringify(name);
  return new CaptureError(
    `Cannot capture \`${name}\` (${what}) used by function \`${variable.owner}\`: ${reason}.${through} ${remedy ?? `Give something that can cross in its place: pool.apply(fn, args, { with: { ${property}: ... } }), or make it or import it inside the function.`}`,
    { variable: name, path, cause },
  );
}
