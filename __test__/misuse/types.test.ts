// The types of processes and shared objects: values are inferred, mistakes do not compile; checked by the compiler, run for form's sake.
import { Socket } from 'node:net';
import {
  Condition,
  type Connection,
  type Context,
  Lock,
  type Pipe,
  type Process,
  Queue,
  ShareableList,
  SharedArray,
  type SharedMemory,
  type TimeoutError,
  Value,
  wait,
  type WaitOptions,
} from 'manyhands';
import { expectTypeOf, test } from 'vitest';

interface Given {
  child: Process;
  end: Connection;
  memory: SharedMemory;
  context: Context;
  options: WaitOptions;
  later: number | undefined;
}

const check = async ({ child, end, memory, context, options, later }: Given): Promise<void> => {
  expectTypeOf(await child.join(options)).toEqualTypeOf<number | null>();
  expectTypeOf(child.joinSync({ timeout: later })).toEqualTypeOf<number | null>();
  // @ts-expect-error only the system knows it
  child.pid = 5;
  const queue = new Queue<{ a: number }>(5);
  expectTypeOf(await queue.get(options)).toEqualTypeOf<{ a: number }>();
  // @ts-expect-error no item of this queue
  await queue.put('text');
  for await (const item of queue) expectTypeOf(item).toEqualTypeOf<{ a: number }>();
  expectTypeOf(await end.recv(options)).toBeUnknown();
  expectTypeOf(await end.recvBytes({ ...options, maxLength: 5 })).toEqualTypeOf<Buffer>();
  expectTypeOf(await end.poll({ timeout: null })).toEqualTypeOf<boolean>();
  const ready = await wait([end, queue, child.sentinel, new Socket()], options);
  expectTypeOf(ready[0]).extract<Socket>().toEqualTypeOf<Socket>();
  expectTypeOf(await new Lock().run(async () => 5, options)).toEqualTypeOf<number>();
  expectTypeOf(await new Condition().waitFor(async () => 'text', options)).toEqualTypeOf<string>();
  expectTypeOf(new Value('i', 5).value).toEqualTypeOf<number>();
  expectTypeOf(new Value('q', 5n).add(1)).toEqualTypeOf<bigint>();
  expectTypeOf(new SharedArray('q', 2).at(0)).toEqualTypeOf<bigint>();
  expectTypeOf(memory.asArray('d')).toEqualTypeOf<Float64Array<ArrayBuffer>>();
  expectTypeOf(context.Pipe).toEqualTypeOf<typeof Pipe>();
  expectTypeOf(context.TimeoutError).toEqualTypeOf<typeof TimeoutError>();
  for (const closing of [queue, end, memory, new ShareableList([1])]) expectTypeOf(closing).toExtend<Disposable>();
};

test('calls are typed by what they are made of', () => {
  expectTypeOf(check).toBeFunction();
});
