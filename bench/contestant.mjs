// The driver's side of a contestant: starts its process and passes commands to it.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const LONGEST_ANSWER_MS = 120_000;

// Where it is set, every Node process reads and parses the certificates at its start: 23 ms that are nobody's merit.
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;

/** Everybody who takes part in the cases of pools. Python's Pool is its own; `kind` is what its workers are. */
export const CONTESTANTS = [
  { name: 'manyhands, processes', peer: 'manyhands', kind: 'process' },
  { name: 'manyhands, threads', peer: 'manyhands', kind: 'thread' },
  { name: 'Piscina, threads', peer: 'piscina', kind: 'thread' },
  { name: 'tinypool, processes', peer: 'tinypool', kind: 'process' },
  { name: 'tinypool, threads', peer: 'tinypool', kind: 'thread' },
  { name: 'workerpool, processes', peer: 'workerpool', kind: 'process' },
  { name: 'workerpool, threads', peer: 'workerpool', kind: 'thread' },
  { name: 'poolifier, processes', peer: 'poolifier', kind: 'process' },
  { name: 'poolifier, threads', peer: 'poolifier', kind: 'thread' },
  { name: "Python's Pool (fork)", peer: 'python', kind: 'process' },
];

export class Contestant {
  #child;
  #waiting = [];
  #ended;

  constructor({ peer, kind, way = '', program = peer === 'python' ? 'peers/python_pool.py' : `peers/${peer}.mjs` }) {
    const [command, ...args] = program.endsWith('.py')
      ? ['python3', here(program), way]
      : [process.execPath, here('stand.mjs'), program, peer, kind, way];
    this.#child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      if (line.startsWith('@')) this.#waiting.shift()?.resolve(JSON.parse(line.slice(1)));
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        for (const { reject } of this.#waiting.splice(0)) reject(new Error(`it ended with ${signal ?? code}`));
        resolve();
      });
    });
  }

  /** @throws what went wrong there, or that no answer came */
  async ask(command, options = {}) {
    this.#child.stdin.write(`${JSON.stringify({ command, ...options })}\n`);
    let timer;
    try {
      const answer = await new Promise((resolve, reject) => {
        this.#waiting.push({ resolve, reject });
        timer = setTimeout(() => {
          this.#child.kill('SIGKILL');
          reject(new Error(`no answer to ${command} in ${LONGEST_ANSWER_MS} ms`));
        }, LONGEST_ANSWER_MS);
      });
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.value;
    } finally {
      clearTimeout(timer);
    }
  }

  async end() {
    if (this.#child.exitCode === null) this.#child.stdin.write('{"command":"exit"}\n');
    await this.#ended;
  }
}
