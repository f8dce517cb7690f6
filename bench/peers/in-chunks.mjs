// How a user of a pool without `map` maps: one call for each chunk, as many chunks as Python and manyhands make.

/** `call` gets a chunk and resolves to the list of its results. */
export async function inChunks(items, workers, call) {
  const size = Math.ceil(items.length / (4 * workers));
  const calls = [];
  for (let start = 0; start < items.length; start += size) calls.push(call(items.slice(start, start + size)));
  const chunks = await Promise.all(calls);
  if (Array.isArray(items)) return chunks[0].concat(...chunks.slice(1));
  const results = new items.constructor(items.length);
  chunks.forEach((chunk, n) => results.set(chunk, n * size));
  return results;
}
