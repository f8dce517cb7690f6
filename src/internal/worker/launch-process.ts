// Start method 'spawn': a child in a process of its own.
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { isMainThread, type ResourceLimits } from 'node:worker_threads';
import { arena } from '../memory/arena.js';
import { buryDescendants } from '../memory/descendants.js';
import { INHERITED, type ChildDescriptor, type ExitStatus, type Launched, type LaunchOptions } from './launch.js';
import { signalName } from './signals.js';
import { standardStreams } from './standard-streams.js';

// Flags of the parent that would start its program, its debugger or its reports a second time in the child.
const OWN_FLAGS =
  /^(--inspect|--debug|--eval|--print|--check|--interactive|--test|--watch|--cpu-prof|--heap-prof|--input-type|--build-snapshot|--snapshot-blob|-e$|-p$|-pe$|-c$|-i$)/;
// The value of these may look like a flag itself.
const FLAGS_WITH_CODE = new Set(['-e', '-p', '-pe', '--eval', '--print']);

/** Node's own flags for a child: the parent's, without those that only concern the parent. */
function inheritedFlags(execArgv: readonly string[]): string[] {
  const flags: string[] = [];
  for (let i = 0; i < execArgv.length; i++) {
    const flag = execArgv[i] ?? '';
    if (!OWN_FLAGS.test(flag)) {
      flags.push(flag);
      continue;
    }
    // A value of its own, as in `--cpu-prof-dir profiles`: the program is not in this list, so it can be nothing else.
    const next = execArgv[i + 1];
    if (FLAGS_WITH_CODE.has(flag) || (next !== undefined && !next.startsWith('-') && !flag.includes('='))) i++;
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

export function launchProcess(
  descriptor: ChildDescriptor,
  options: LaunchOptions,
  onExit: (status: ExitStatus) => void,
): Launched {
  const { native } = arena();
  const bell = native.makeBell(descriptor.reservation);
  const flags = options.execArgv === undefined ? inheritedFlags(process.execArgv) : [...options.execArgv];
  let child;
  try {
    child = spawn(
      process.execPath,
      [...flags, ...limitFlags(options.resourceLimits), options.main, JSON.stringify(descriptor)],
      {
        env: { ...process.env, ...options.env },
        stdio: [
          ...standardStreams(options.stdio),
          native.arenaFd(),
          bell.readFd,
          bell.writeFd,
          native.bellWriteFd(),
          ...(options.watchesParent === true ? (['pipe'] as const) : []),
        ],
      },
    );
  } finally {
    native.closeFd(bell.readFd);
  }
  let exited = false;
  // A thread may be terminated, and then nobody else waits for its children.
  const owned = isMainThread ? undefined : child.pid;
  if (owned !== undefined) native.ownChild(owned, descriptor.reservation, !descriptor.diesWithParent);
  child.once('exit', (exitCode, signal) => {
    exited = true;
    if (owned !== undefined) native.disownChild(owned);
    onExit({ exitCode, signal });
    buryDescendants();
  });
  child.once('error', (error) => {
    // The process could not be started at all: there will be no 'exit'.
    if (child.pid === undefined && !exited) onExit({ exitCode: null, signal: null, error });
  });
  child.unref();
  // Out of descriptors, Node returns a child without streams.
  const streams = child.stdio as readonly unknown[] | undefined;
  // It is never written to; what ends it is the end of this process, or of the child.
  const life = streams?.[INHERITED.PARENT_LIFE] as Socket | null | undefined;
  life?.on('error', () => undefined).unref();
  const pid = child.pid ?? 0;
  const signal = (name: NodeJS.Signals): void => {
    // A child that could not be started has no pid, and until its 'error' comes Node would signal pid 0: our own group.
    if (pid !== 0) child.kill(name);
  };
  return {
    pid,
    threadId: 0,
    kill: () => signal('SIGKILL'),
    signal,
    ref: () => child.ref(),
    unref: () => child.unref(),
    poll: () => {
      if (pid === 0) return undefined;
      const status = native.childStatus(pid);
      if (status < 0) return undefined;
      const killedBy = signalName(status >>> 8);
      return { exitCode: killedBy === null ? status & 0xff : null, signal: killedBy };
    },
    waitSlice: (ms) => {
      native.waitExit(pid, ms);
    },
    stdin: child.stdin ?? null,
    stdout: child.stdout ?? null,
    stderr: child.stderr ?? null,
  };
}
