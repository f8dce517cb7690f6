// Starts the child of a Process: hands it what to do in a queue of its own, and watches over it to its end.
import type { StdioOptions } from 'node:child_process';
import { join } from 'node:path';
import type { StartMethod } from '../../start-method.js';
import type { Captured } from '../function/capture.js';
import { encodeCaptured } from '../function/encode-captured.js';
import { arena } from '../memory/arena.js';
import { nativeFile } from '../native.js';
import { identity } from '../worker/identity.js';
import type { NumberedBuffer } from '../worker/shared-buffers.js';
import { standardStreams } from '../worker/standard-streams.js';
import { Child } from './child.js';
import { addChild, removeChild } from './children.js';
import type { ProcessDescriptor } from './main.js';
import { writeStartMessage } from './start-message.js';
import { outputOfThread } from './stdio.js';

const MAIN = join(__dirname, 'main.js');

export interface ChildPlan {
  readonly method: StartMethod;
  readonly name: string;
  /** See `ChildIdentity`. */
  readonly path: readonly number[];
  readonly daemon: boolean;
  readonly authkey: Uint8Array;
  readonly args: readonly unknown[];
  readonly env?: Record<string, string | undefined>;
  readonly execArgv?: readonly string[];
  readonly stdio?: StdioOptions;
}

/** Throws CaptureError, DataCloneError, and what the system says when it has no room for another child; nothing is left behind. */
export function launchChild(plan: ChildPlan, captured: Captured, owner: object): Child {
  const shared = arena();
  const { native } = shared;
  // The functions below live as long as the child: they may not name the plan, which has its arguments.
  const { name, path, daemon, authkey, stdio } = plan;
  const inherited = {
    identity: {
      name,
      path,
      daemon,
      parentName: identity().name,
      parentPid: process.pid,
      parentStarted: native.startTime(process.pid),
      logLevel: identity().logLevel,
      logsToStderr: identity().logsToStderr,
    },
    authkey,
    startMethod: plan.method,
  };
  const output = plan.method === 'thread' ? outputOfThread(standardStreams(stdio)) : { own: [], silent: [] };
  const buffers: NumberedBuffer[] = [];
  const put = (buffer: SharedArrayBuffer): number => buffers.push([buffers.length + 1, buffer]);
  const sharedBuffers = plan.method === 'thread' ? { put } : undefined;
  const message = writeStartMessage(shared, inherited, captured, plan.args, encodeCaptured, sharedBuffers);
  let reservation = 0;
  let inbox = 0;
  const undo = (): void => {
    if (inbox === 0) native.free(message);
    else native.queueDestroy(inbox);
    if (reservation !== 0) native.bury(reservation);
  };
  try {
    reservation = native.reserve();
    const queue = native.queueCreate(1);
    native.put(queue, message);
    inbox = queue;
    const descriptor: ProcessDescriptor = {
      reservation,
      inbox,
      output,
      binary: nativeFile(),
      parentPid: process.pid,
      parentEntry: shared.entry,
      diesWithParent: daemon,
    };
    const child = new Child(
      plan.method,
      descriptor,
      {
        main: MAIN,
        name,
        env: plan.env,
        execArgv: plan.execArgv,
        stdio,
        resourceLimits: undefined,
        watchesParent: plan.method === 'spawn',
      },
      (ended) => {
        removeChild(ended);
        undo();
      },
    );
    for (const numbered of buffers) child.port?.postMessage(numbered);
    addChild(child, daemon, owner);
    return child;
  } catch (error) {
    undo();
    throw error;
  }
}
