// The options of calls over typed arrays, and their checks: which engine, which mathematics, and where results go.
import type { MapOptions } from './call-options.js';
import type { TypedArray } from './internal/engine/engine.js';
import { outOfRange, wrongType } from './internal/validate.js';

/** Options of calls over typed arrays, which run natively where the function is in the numeric subset. */
export interface KernelOptions extends MapOptions {
  /** `'native'` insists on native code, or rejects with KernelError; `'workers'` leaves the call to the workers. @default what can */
  engine?: 'native' | 'workers';
  /** `'fast'`: functions of `Math` within 1 ulp, sums of products fused. @default 'exact', the bits that the function gives in this Node */
  math?: 'exact' | 'fast';
  /** Where results are stored, as its type stores them; of the same length as the items, and may be the items. */
  out?: TypedArray;
}

/** Which engine is asked for, and whether fast mathematics will do. */
export function kernelOptions(options: Record<string, unknown> | undefined): {
  engine: 'native' | 'workers' | undefined;
  fast: boolean;
} {
  const { engine, math } = options ?? {};
  if (engine !== undefined && engine !== 'native' && engine !== 'workers')
    throw outOfRange('engine', "'native' or 'workers'", engine);
  if (math !== undefined && math !== 'exact' && math !== 'fast') throw outOfRange('math', "'exact' or 'fast'", math);
  return { engine, fast: math === 'fast' };
}

/** Throws TypeError for an `out` that nothing would be stored in. */
export function refuseOut(options: Record<string, unknown> | undefined, items: unknown): void {
  if (options?.['out'] !== undefined)
    throw wrongType('items', 'a typed array, or in a starmap a zip of them, where `out` is given', items);
}

/** `out` of a map over a typed array, checked against the items. */
export function targetOf(options: Record<string, unknown> | undefined, items: TypedArray): TypedArray | undefined {
  const out = options?.['out'];
  if (out === undefined) return undefined;
  if (!ArrayBuffer.isView(out) || out instanceof DataView) throw wrongType('out', 'a typed array', out);
  const target = out as TypedArray;
  if (isDetached(target)) throw wrongType('out', 'a typed array whose memory is still there', 'a detached one');
  if (target.length !== items.length) throw outOfRange('out', `a typed array of length ${items.length}`, target.length);
  const same = target.byteOffset === items.byteOffset && target.byteLength === items.byteLength;
  const apart =
    target.byteOffset + target.byteLength <= items.byteOffset ||
    items.byteOffset + items.byteLength <= target.byteOffset;
  if (target.buffer === items.buffer && !same && !apart) {
    throw outOfRange('out', 'the items themselves or memory apart from them', 'an overlapping view');
  }
  return target;
}

function isDetached(array: TypedArray): boolean {
  try {
    // Throws for detached memory; Node 20 has no other way to ask.
    array.keys();
    return false;
  } catch {
    return true;
  }
}
