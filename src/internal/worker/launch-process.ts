// Start method 'spawn': a worker in a process of its own.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { ResourceLimits } from 'node:worker_threads';
import { arena } from '../memory/arena.js';
import type { ExitStatus, Launched, LaunchOptions, WorkerDescriptor } from './launch.js';

/** Descriptors that a worker process inherits, beside its standard streams. */
export const INHERITED = { ARENA: 3, BELL: 4, PARENT_BELL: 5 } as const;

const MAIN = join(__dirname, 'main.js');

// Flags of the parent that would start its program, its debugger or its reports a second time in the worker.
const OWN_FLAGS =
  /^(--inspect|--debug|--eval|--print|--check|--interactive|--test|--watch|--cpu-prof|--heap-prof|--input-type|--build-snapshot|--snapshot-blob|-e$|-p$|-pe$|-c$|-i$)/;
const FLAGS_WITH_VALUE = new Set(['-e', '-p', '-pe', '--eval', '--print']);

/** Node's own flags for a worker: the parent's, without those that only concern the parent. */
export function inheritedFlags(execArgv: readonly string[]): string[] {
  const flags: string[] = [];
  for (let i = 0; i < execArgv.length; i++) {
    const flag = execArgv[i] ?? '';
    if (OWN_FLAGS.test(flag)) {
      if (FLAGS_WITH_VALUE.has(flag)) i++;
    } else {
      flags.push(flag);
    }
  }
  return flags;
}

function limitFlags(limits: ResourceLimits | undefined): string[] {
  const flags: string[] = [];
  if (limits?.maxOldGenerationSizeMb !== undefined) flags.push(`--max-old-space-size=${limits.maxOldGenerationSizeMb}`);
  if (limits?.maxYoungGenerationSizeMb !== undefined)
    flags.push(`--max-semi-space-size=${limits.maxYoungGenerationSizeMb}`);
  if (limits?.stackSizeMb !== undefined) flags.push(`--stack-size=${Math.floor(limits.stackSizeMb * 1000)}`);
  return flags;
}

const SIGNAL_NAMES = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number as number, name as NodeJS.Signals]),
);

export function launchProcess(
  descriptor: WorkerDescriptor,
  options: LaunchOptions,
  onExit: (status: ExitStatus) => void,
): Launched {
  const { native } = arena();
  const bell = native.makeBell(descriptor.entry);
  const flags = options.execArgv === undefined ? inheritedFlags(process.execArgv) : [...options.execArgv];
  let child;
  try {
    child = spawn(
      process.execPath,
      [...flags, ...limitFlags(options.resourceLimits), MAIN, JSON.stringify(descriptor)],
      {
        env: { ...process.env, ...options.env },
        // Console output goes straight to the parent's descriptors, so that it is complete before the result arrives.
        stdio: ['ignore', 'inherit', 'inherit', native.arenaFd(), bell.readFd, native.bellWriteFd()],
      },
    );
  } finally {
    native.closeFd(bell.readFd);
  }
  let exited = false;
  child.once('exit', (exitCode, signal) => {
    exited = true;
    onExit({ exitCode, signal });
  });
  child.once('error', (error) => {
    // The process could not be started at all: there will be no 'exit'.
    if (child.pid === undefined && !exited) onExit({ exitCode: null, signal: null, error });
  });
  child.unref();
  const pid = child.pid ?? 0;
  return {
    pid,
    threadId: 0,
    kill: () => {
      // A child that could not be started has no pid, and until its 'error' comes Node would signal pid 0: our own group.
      if (child.pid !== undefined) child.kill('SIGKILL');
    },
    ref: () => child.ref(),
    unref: () => child.unref(),
    poll: () => {
      if (pid === 0) return undefined;
      const status = native.childStatus(pid);
      if (status < 0) return undefined;
      const signal = SIGNAL_NAMES.get(status >>> 8) ?? null;
      return { exitCode: signal === null ? status & 0xff : null, signal };
    },
  };
}
