// Starts a program that uses the package, follows what it prints, and finds every process of its tree, orphans included.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const root = join(import.meta.dirname, '../..');
export const entry = join(root, 'dist/index.js');

const MARK = 'MANYHANDS_TEST_TREE';
const LOOK_MS = 10;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface ProgramOptions {
  readonly node?: string;
  readonly execArgv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A process group of its own, as a terminal gives to a command. */
  readonly group?: boolean;
  /** Where the package is; a second installation has another path. */
  readonly from?: string;
  /** A command and its arguments that run Node: `['unshare', '-m', ...]`. */
  readonly wrapper?: readonly string[];
  readonly cwd?: string;
}

/** A CommonJS program in which `Pool`, `ThreadPool` and the whole package as `manyhands` are at hand. */
export class Program {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #mark = randomUUID();
  #out = '';
  #err = '';
  #listeners = new Set<() => void>();

  constructor(source: string, options: ProgramOptions = {}) {
    const { node = process.execPath, execArgv = [], env, group = false, from = entry, wrapper = [], cwd } = options;
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const text = `const manyhands = require(${JSON.stringify(from)}); const { Pool, ThreadPool } = manyhands;\n${source}`;
    const [command, ...before] = [...wrapper, node];
    this.#child = spawn(command ?? node, [...before, ...execArgv, '-e', text], {
      env: { ...inherited, NO_COLOR: '1', ...env, [MARK]: this.#mark },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: group,
      cwd,
    });
    this.#child.stdout?.on('data', (chunk) => {
      this.#out += chunk;
      for (const listener of this.#listeners) listener();
    });
    this.#child.stderr?.on('data', (chunk) => (this.#err += chunk));
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => {
        resolve({ code, signal, out: this.#out, err: this.#err });
        for (const listener of this.#listeners) listener();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves to the rest of the nth line that begins with `word`; rejects when the program ends without it. */
  said(word: string, nth = 1): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const complete = this.#out.split('\n').slice(0, -1);
        const line = complete.filter((text) => text.startsWith(word))[nth - 1];
        if (line === undefined) return;
        this.#listeners.delete(look);
        resolve(line.slice(word.length).trim());
      };
      this.#listeners.add(look);
      look();
      void this.ended.then(({ code, signal, out, err }) =>
        reject(new Error(`The program ended (${code ?? signal}) and never said "${word}":\n${out}${err}`)),
      );
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** As Ctrl-C does: to the program and all its children. */
  signalGroup(name: NodeJS.Signals): void {
    process.kill(-this.pid, name);
  }

  /** Pids of the living processes of this tree, whoever their parent is by now. */
  processes(): number[] {
    const sought = `${MARK}=${this.#mark}`;
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(sought);
        } catch {
          return false; // It has ended since it was listed.
        }
      })
      .map(Number);
  }

  /** Resolves when no process of the tree is left; the watchdog of the test ends a wait for one that stays. */
  async gone(): Promise<void> {
    while (this.processes().length > 0) await sleep(LOOK_MS);
  }

  /** For a test that failed half-way: nothing of it may stay on the machine. */
  destroy(): void {
    for (const pid of this.processes()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended since it was found.
      }
    }
  }
}

/** What lies in the machine's shared memory under a name. */
export function sharedNames(): string[] {
  return readdirSync('/dev/shm').filter((name) => name.includes('manyhands'));
}
