// Captures an instance of a subclass of Process, class and fields, so that a child can be it.
import { CaptureError } from '../../errors.js';
import { captureTask, type Captured, type Task } from '../function/capture.js';
import { hasPrivateMembers } from '../function/private-members.js';

/** Exported by the file of the base class. */
export type RunSubclass = (Class: Function, fields: object, target: Task | undefined, args: unknown[]) => unknown;

/** The function for the child. It must not lie in the file of the base class, which would then cross by its source. */
export function captureInstance(
  runSubclass: RunSubclass,
  Class: Function,
  fields: object,
  target: Task | undefined,
  Base: Function,
): Captured | Promise<Captured> {
  for (let at = Class; at !== Base; at = Object.getPrototypeOf(at) as Function) {
    if (hasPrivateMembers(at)) {
      throw new CaptureError(
        `Cannot capture a process of class \`${at.name}\`: the child does not call its constructor, so it would lack its #private members. Make them properties without #.`,
      );
    }
  }
  const run = (...args: unknown[]): unknown => runSubclass(Class, fields, target, args);
  // For errors, which also tell the names of the values: the build keeps them (scripts/bundle.mjs).
  Object.defineProperty(run, 'name', { value: `${Class.name}.run` });
  return captureTask(run, { runSubclass, Class, fields, target });
}
