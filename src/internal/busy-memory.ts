// What native threads use at this moment: the collector must not take it, and shared memory must not be closed under it.

/** By numbers: a set would have to number objects that it has not seen yet. */
const busy = new Map<number, readonly object[]>();
let count = 0;

/** Keeps the objects, and what lists among them hold, until the function it returns is called. */
export function keepBusy(objects: readonly object[]): () => void {
  const number = count++;
  busy.set(number, objects);
  return () => void busy.delete(number);
}

/** Whether a native thread uses memory of this buffer. */
export function isBusy(buffer: ArrayBufferLike): boolean {
  for (const objects of busy.values())
    if (objects.flat().some((object) => ArrayBuffer.isView(object) && object.buffer === buffer)) return true;
  return false;
}
