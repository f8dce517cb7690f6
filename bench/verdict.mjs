// Whether a case met its bar, for workers of one kind.

/** The best of some results by their medians. */
export function best(results, better) {
  const sorted = results.toSorted((a, b) => a.median - b.median);
  return better === 'lower' ? sorted[0] : sorted.at(-1);
}

/** How many times better `result` is than `other`. */
export function timesBetter(result, other, better) {
  return better === 'lower' ? other.median / result.median : result.median / other.median;
}

/** The best of ours among contestants of one kind: there may be several ways to do a thing. */
export function oursOf({ better }, results, kind) {
  return best(
    results.filter((result) => result.peer === 'manyhands' && result.kind === kind),
    better,
  );
}

export function rivalsOf(results) {
  return results.filter(({ peer }) => peer !== 'manyhands');
}

/** The conditions of the bar, each with whether `result` meets it. */
export function judge({ bar, better }, result, results) {
  const conditions = [];
  const rivals = rivalsOf(results);
  if (bar.limit !== undefined && (bar.kind ?? result.kind) === result.kind) {
    conditions.push(better === 'lower' ? result.median <= bar.limit : result.median >= bar.limit);
  }
  if (bar.times !== undefined) {
    const others = bar.times.of === 'best' ? rivals : rivals.filter(({ peer }) => peer === bar.times.of);
    if (others.length > 0) conditions.push(timesBetter(result, best(others, better), better) >= bar.times.least);
  }
  if (bar.notSlowerThanBest && rivals.length > 0) {
    conditions.push(timesBetter(result, best(rivals, better), better) >= 1);
  }
  return conditions.every(Boolean);
}
