// The options of processes, and their checks.
import type { StdioOptions } from 'node:child_process';
import {
  array,
  flags,
  knownOptions,
  optionalObject,
  task as checkTask,
  variables,
  wrongType,
} from './internal/validate.js';
import { checkStdio } from './internal/process/stdio.js';
import type { Task } from './task.js';

/** The options of a process whose target takes arguments of these types. */
export interface TargetOptions<A extends unknown[]> extends ProcessOptions {
  target: Task<A>;
  args: readonly [...A];
}

/** The options of a process. */
export interface ProcessOptions {
  /** What the child calls: a function, closures included, or `{ module, name }`. @default nothing */
  target?: Task;
  /** Its arguments, copied when `start` is called. @default [] */
  args?: readonly unknown[];
  /** @default `Process-1`, `Process-2`, ...; a child of a child is `Process-1:1` */
  name?: string;
  /** Whether it ends with its parent. @default that of the current process */
  daemon?: boolean;
  /** Added to the environment of this process; a variable that is `undefined` is taken away. */
  env?: Record<string, string | undefined>;
  /** Node's flags of the child. @default those of this process */
  execArgv?: readonly string[];
  /**
   * As in `child_process.spawn`, for the three standard streams; descriptors and streams for processes only.
   *
   * @default nothing to read, the parent's stdout and stderr
   */
  stdio?: StdioOptions;
}

/** The options that nothing changes, for the launch of the child. */
export type LaunchOptions = Pick<ProcessOptions, 'env' | 'execArgv' | 'stdio'>;

/** The options of a process, checked; those of its launch are apart, so that what the child got is not kept with them. */
export interface ProcessSettings {
  readonly target: Task | undefined;
  readonly args: readonly unknown[];
  readonly name: string | undefined;
  readonly daemon: boolean | undefined;
  readonly launch: LaunchOptions;
}

const KNOWN = new Set(['target', 'args', 'name', 'daemon', 'env', 'execArgv', 'stdio']);

export function processSettings(options: ProcessOptions | undefined): ProcessSettings {
  const given = optionalObject('options', options) ?? {};
  knownOptions(given, KNOWN);
  const { target, args, name, daemon, env, execArgv, stdio } = options ?? {};
  if (target !== undefined) checkTask('target', target);
  if (name !== undefined && typeof name !== 'string') throw wrongType('name', 'a string', name);
  if (daemon !== undefined && typeof daemon !== 'boolean') throw wrongType('daemon', 'a boolean', daemon);
  checkStdio(stdio);
  const list = args === undefined ? [] : array('args', args);
  return {
    target,
    args: list,
    name,
    daemon,
    launch: launchOptions(variables('env', env), flags('execArgv', execArgv), stdio),
  };
}

function launchOptions(
  env: ProcessOptions['env'],
  execArgv: ProcessOptions['execArgv'],
  stdio: ProcessOptions['stdio'],
): LaunchOptions {
  return {
    ...(env === undefined ? {} : { env }),
    ...(execArgv === undefined ? {} : { execArgv }),
    ...(stdio === undefined ? {} : { stdio }),
  };
}
