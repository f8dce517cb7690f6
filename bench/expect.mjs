// Answers are checked in every round: a fast wrong answer is no result.

export function expect(got, wanted) {
  if (!Object.is(got, wanted)) throw new Error(`expected ${String(wanted)}, got ${String(got)}`);
}

/** Every item of `got` is what `wanted` gives for its index. */
export function expectEach(got, length, wanted) {
  expect(got.length, length);
  for (let n = 0; n < length; n++) if (!Object.is(got[n], wanted(n))) expect(got[n], wanted(n));
}
