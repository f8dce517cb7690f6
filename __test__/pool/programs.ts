// Runs a program of the fixtures in a process of its own, where the process itself is what is tested.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface ProgramOptions {
  readonly args?: readonly string[];
  /** Node's own flags. */
  readonly flags?: readonly string[];
  /** What starts Node, such as `taskset`. */
  readonly command?: readonly string[];
}

/** Resolves when the program has ended and closed its output, that is when none of its workers holds it any more. */
export function runProgram(name: string, { args = [], flags = [], command = [] }: ProgramOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const { NODE_OPTIONS: _, VITEST: _v, ...env } = process.env;
    const [file = process.execPath, ...rest] = [...command, process.execPath, ...flags, `${fixtures}${name}`, ...args];
    const child = spawn(file, rest, { env: { ...env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
}
