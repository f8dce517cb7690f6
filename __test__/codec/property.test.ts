// Thousands of generated values are copied as structuredClone copies them, shared references and cycles included.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COPIES, difference } from './copies.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const runs = Number(process.env['RUNS'] ?? 2000);

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 80 }).map((units) => String.fromCharCode(...units)),
  fc.string({ minLength: 30, maxLength: 90 }),
  fc.constantFrom('__proto__', 'constructor', 'length', '0', '-1', 'toString'),
);

const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.integer({ min: -5, max: 130 }),
  fc.constantFrom(-0, NaN, 2 ** 31, -(2 ** 31)),
);

const primitive = fc.oneof(
  number,
  text,
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }),
);

/** Each makes a new object; parts that are drawn before can be put in again by the tie below. */
const leaf = fc.oneof(
  primitive,
  fc.date({ noInvalidDate: true }),
  fc.array(number, { maxLength: 40 }),
  fc.array(fc.integer(), { minLength: 8, maxLength: 40 }),
  fc.array(fc.double(), { minLength: 8, maxLength: 40 }),
  fc.array(text, { maxLength: 20 }),
  fc.sparseArray(primitive, { maxLength: 200 }),
  fc.uint8Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  primitive.filter((value) => value !== null && value !== undefined).map((value) => Object(value) as object),
  fc.constantFrom('a', 'a+b', '[x]/y', '').map((source) => new RegExp(source, 'gi')),
  fc.tuple(fc.uint8Array({ minLength: 8, maxLength: 32 }), fc.nat(8)).map(([bytes, at]) => {
    const shared = bytes.slice().buffer;
    return [shared, new Uint8Array(shared, at), new DataView(shared), new Uint16Array(shared, 2, 2)];
  }),
  fc.tuple(fc.string(), fc.constantFrom(Error, TypeError, RangeError)).map(([message, Class]) => new Class(message)),
);

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('object'),
    tie('array'),
    tie('map'),
    tie('set'),
    tie('records'),
  ),
  object: fc.dictionary(text, tie('value'), { noNullPrototype: false, maxKeys: 8 }),
  array: fc.array(tie('value'), { maxLength: 12 }),
  map: fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 6 }).map((entries) => new Map(entries)),
  set: fc.array(tie('value'), { maxLength: 6 }).map((values) => new Set(values)),
  records: fc.array(fc.record({ id: tie('value'), name: fc.string(), more: tie('value') }, { requiredKeys: ['id'] }), {
    maxLength: 30,
  }),
}));

/** Puts further references into a value: from any container inside to any object inside, as the numbers say. */
function tangle(root: unknown, links: readonly (readonly [number, number])[]): unknown {
  const objects = new Set<object>();
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null || objects.has(part)) return;
    objects.add(part);
    if (part instanceof Map) for (const pair of part) pair.forEach(visit);
    else if (part instanceof Set) part.forEach(visit);
    else if (!ArrayBuffer.isView(part)) Object.values(part).forEach(visit);
  };
  visit(root);
  const all = [...objects];
  const containers = all.filter(
    (part) => part instanceof Map || Array.isArray(part) || Object.getPrototypeOf(part) === Object.prototype,
  );
  for (const [from, to] of containers.length === 0 ? [] : links) {
    const container = containers[from % containers.length]!;
    const target = all[to % all.length];
    if (container instanceof Map) container.set(`link${to}`, target);
    else if (Array.isArray(container)) container.push(target);
    else (container as Record<string, unknown>)[`link${to}`] = target;
  }
  return root;
}

const links = fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { maxLength: 4 });
const tangled = fc.tuple(value, links).map(([root, drawn]) => tangle(root, drawn));

describe(`for values drawn with SEED=${seed}`, () => {
  for (const [memory, copy] of Object.entries(COPIES)) {
    test(`copies what structuredClone copies, in ${memory}`, { timeout: 120_000 }, () => {
      fc.assert(
        fc.property(tangled, (drawn) => {
          expect(difference(copy(drawn), structuredClone(drawn))).toBeUndefined();
        }),
        { seed, numRuns: runs },
      );
    });
  }
});
