// Wrong arguments of processes and shared objects, and of what describes them: one wording, before anything happens.
import { runInNewContext } from 'node:vm';
import {
  Barrier,
  Condition,
  Event,
  getContext,
  getLogger,
  getStartMethod,
  JoinableQueue,
  Lock,
  logToStderr,
  Pipe,
  Process,
  Queue,
  registerError,
  RLock,
  Semaphore,
  setStartMethod,
  ShareableList,
  SharedArray,
  Value,
} from 'manyhands';
import { afterEach, expect, test } from 'vitest';
import { expectNothingLeft } from '../queue/arena.js';

expectNothingLeft();
afterEach(() => setStartMethod(null, { force: true }));

const WORDING = /^Expected `[\w.[\]]+` to be .+, got `.*`( \(\w+\))?$/s;
const nameless = (() => class extends Error {})();

// What TypeScript would refuse is the subject here.
const bad = (value: unknown): never => value as never;

test.each([
  ['getContext of a number', TypeError, 'method', () => getContext(bad(5))],
  ['getContext of null', TypeError, 'method', () => getContext(bad(null))],
  ['getContext of a bare object', TypeError, 'method', () => getContext(bad(Object.create(null)))],
  ['getContext of a name that is none', RangeError, 'method', () => getContext(bad('fork'))],
  ['setStartMethod of a number', TypeError, 'method', () => setStartMethod(bad(5))],
  ['setStartMethod by force 1', TypeError, 'force', () => setStartMethod('spawn', { force: bad(1) })],
  ['getStartMethod that allows 1', TypeError, 'allowUnset', () => getStartMethod({ allowUnset: bad(1) })],
  ['logToStderr at an inherited name', RangeError, 'level', () => logToStderr(bad('toString'))],
  ['logToStderr at null', TypeError, 'level', () => logToStderr(bad(null))],
  ['a handler that is no function', TypeError, 'handler', () => getLogger().addHandler(bad(5))],
  ['registerError of a function', TypeError, 'errorClass', () => registerError(bad(() => 1))],
  ['registerError of a bare object', TypeError, 'errorClass', () => registerError(bad(Object.create(null)))],
  ['registerError of a class without a name', TypeError, 'errorClass', () => registerError(nameless)],
  ['an array of no size', TypeError, 'sizeOrItems', () => new SharedArray('i', bad(undefined))],
] as const)('%s throws', (_, ErrorClass, name, call) => {
  let error: unknown;
  try {
    (call as () => unknown)();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(ErrorClass);
  expect((error as Error).message).toMatch(WORDING);
  expect((error as Error).message).toContain(`Expected \`${name}\``);
  expect((error as Error).message).not.toContain('=>');
});

test('a shutdown that is told neither yes nor no throws', () => {
  using queue = new Queue();
  expect(() => queue.shutdown({ immediate: bad(1) })).toThrow('Expected `immediate` to be a boolean, got `1` (number)');
});

test('what is no function is refused before the lock is acquired', async () => {
  const wording = /^Expected `(fn|predicate)` to be a function, got `5` \(number\)$/;
  const array = new SharedArray('i', 1);
  const condition = new Condition();
  for (const lock of [new Lock(), new RLock(), new Semaphore(0), condition])
    await expect(lock.run(bad(5))).rejects.toThrow(wording);
  await expect(array.withLock(bad(5))).rejects.toThrow(wording);
  await expect(condition.waitFor(bad(5))).rejects.toThrow(wording);
  expect(() => condition.waitForSync(bad(5))).toThrow(wording);
  expect(() => new Value('i').update(bad(5))).toThrow(wording);
});

test('memory of another context of V8 is memory', async () => {
  const foreign = (text: string): never => runInNewContext(text) as never;
  const [a, b] = Pipe();
  await a.sendBytes(foreign('Uint8Array.of(1, 2).buffer'));
  expect(await b.recvBytes()).toEqual(Buffer.of(1, 2));
  for (const end of [a, b]) end.close();
  using list = new ShareableList([foreign('Uint8Array.of(3)')]);
  expect([list.indexOf(foreign('Uint8Array.of(3)')), list.count(Buffer.of(3))]).toEqual([0, 1]);
  list.shm.unlink();
  const child = new Process();
  child.authkey = foreign('Uint8Array.of(4)');
  expect(child.authkey).toEqual(Uint8Array.of(4));
});

test('a blocking call with a signal that was aborted before throws its reason, whatever there is', async () => {
  const options = bad({ signal: AbortSignal.abort('enough') });
  const [a, b] = Pipe();
  const queue = new Queue<number>();
  const joinable = new JoinableQueue<number>();
  const condition = new Condition();
  const event = new Event();
  const child = new Process();
  await queue.put(1);
  await a.send(1);
  event.set();
  await child.start();
  const calls: (() => unknown)[] = [
    () => queue.getSync(options),
    () => queue.putSync(2, options),
    () => joinable.joinSync(options),
    () => a.sendSync(2, options),
    () => b.recvSync(options),
    () => b.recvBytesSync(options),
    () => b.recvBytesIntoSync(new Uint8Array(9), 0, options),
    () => b.pollSync(options),
    () => new Lock().acquireSync(options),
    () => new RLock().guardSync(options),
    () => new Semaphore().acquireSync(options),
    () => condition.run(() => condition.waitSync(options)),
    () => condition.run(() => condition.waitForSync(() => true, options)),
    () => event.waitSync(options),
    () => new Barrier(1).waitSync(options),
    () => child.joinSync(options),
  ];
  for (const call of calls) await expect((async () => call())(), String(call)).rejects.toBe('enough');
  expect([queue.qsize(), await b.recv(), await b.poll(), condition.locked()]).toEqual([1, 1, false, false]);
  await child.join();
  for (const end of [a, b, queue, joinable]) end.close();
});
