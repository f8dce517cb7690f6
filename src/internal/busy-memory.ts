// What native threads use at this moment: the collector must not take it, and shared memory must not be closed under it.

const busy = new Set<readonly object[]>();

/** Keeps the objects, and what lists among them hold, until the function it returns is called. */
export function keepBusy(objects: readonly object[]): () => void {
  busy.add(objects);
  return () => void busy.delete(objects);
}

/** Whether a native thread uses memory of this buffer. */
export function isBusy(buffer: ArrayBufferLike): boolean {
  for (const objects of busy)
    if (objects.flat().some((object) => ArrayBuffer.isView(object) && object.buffer === buffer)) return true;
  return false;
}
