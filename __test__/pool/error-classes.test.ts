// Errors of this package's classes and of Node's own: they arrive as what they are, and functions capture them.
import { AssertionError, strictEqual } from 'node:assert';
import * as manyhands from 'manyhands';
import { ProcessError } from 'manyhands';
import { expect, test } from 'vitest';
import { caught, onBothBackEnds } from './back-ends.js';

const throwIt = (value: unknown): never => {
  throw value;
};

const throwsError = (): never => {
  throw new Error('of the task');
};

onBothBackEnds(({ shared }) => {
  test('every class of error can be thrown with a message alone', async () => {
    const classes = Object.values(manyhands).filter(
      (value): value is typeof ProcessError => value === ProcessError || ProcessError.isPrototypeOf(value),
    );
    expect(classes.length).toBeGreaterThan(20);
    for (const Class of classes) {
      const error = await caught(
        shared().apply(() => {
          throw new Class('mine');
        }),
      );
      expect(error).toBeInstanceOf(Class);
      expect(error).toMatchObject({ name: Class.name, message: 'mine' });
      expect((error as ProcessError).code).toMatch(/^ERR_[A-Z_]+$/);
    }
  });

  test('a failed assertion arrives as AssertionError; an error that only has its name does not', async () => {
    const failed = await caught(shared().apply(() => strictEqual(1, 2, 'not the same')));
    expect(failed).toBeInstanceOf(AssertionError);
    expect(failed).toMatchObject({
      message: expect.stringMatching(/^not the same/) as string,
      code: 'ERR_ASSERTION',
      actual: 1,
      operator: 'strictEqual',
    });
    const other = await caught(
      shared().apply(() => {
        class AssertionError extends Error {}
        throw new AssertionError('of a test runner');
      }),
    );
    expect(other).not.toBeInstanceOf(AssertionError);
    expect(other).toMatchObject({ message: 'of a test runner' });
  });

  test('errors of Node’s own classes can be captured, too', async () => {
    const failure = async (fail: () => unknown): Promise<Error> => {
      try {
        await fail();
      } catch (error) {
        return error as Error;
      }
      return expect.unreachable('did not fail');
    };
    const errors = [
      await failure(() => Buffer.from(5 as never)),
      await failure(() => AbortSignal.abort().throwIfAborted()),
      await failure(() => strictEqual(1, 2)),
    ];
    expect(errors.map(({ constructor }) => constructor)).toEqual([TypeError, DOMException, AssertionError]);
    for (const error of errors) {
      const { name, message } = error;
      const { code } = error as NodeJS.ErrnoException;
      const held = { error };
      expect(await shared().apply(() => held.error)).toMatchObject({ name, message, code });
      expect(await caught(shared().apply(() => throwIt(error)))).toMatchObject({ name, message, code });
    }
  });

  test('an error arrives also where the program formats stacks by a function of its own', async () => {
    const { prepareStackTrace } = Error;
    for (const format of [(_: Error, sites: unknown) => sites, () => 5, () => throwIt(new RangeError('formats'))]) {
      Error.prepareStackTrace = format;
      const outcome = caught(shared().apply(() => throwIt('text')));
      const failure = caught(shared().apply(throwsError));
      const results = await Promise.all([outcome, failure, shared().map((x: number) => x + 1, [1])]).finally(() => {
        Error.prepareStackTrace = prepareStackTrace;
      });
      expect(results).toMatchObject(['text', { message: 'of the task' }, [2]]);
    }
  });
});
