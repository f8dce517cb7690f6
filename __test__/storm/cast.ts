// The members of a storm: children that work at desks until they are killed, each followed by another one at the same desk.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { getContext, Queue, RawArray, type Process, type StartMethod } from 'manyhands';
import { DOOMED, doomAt, PHASE, PHASE_AT, stepsAt, WORDS } from './fixtures/desk.cjs';
import type { Random } from './random.ts';

export interface Part {
  readonly method: StartMethod;
  /** What the module exports under this name is its work. */
  readonly role: string;
}

export interface Production {
  /** File in `fixtures`. */
  readonly module: string;
  readonly parts: readonly Part[];
  /** What the member at a desk is given beside its desk. */
  readonly shared: (desk: number) => object;
  readonly random: Random;
  /** Called when a member exists. */
  readonly started?: (desk: number) => void;
  /** Called when a member has ended, and before the next one starts. */
  readonly died?: (death: Death) => void;
}

export interface Death {
  readonly desk: number;
  readonly code: number | null;
  /** When it was killed, by performance.now(); undefined when it was not. */
  readonly killedAt: number | undefined;
  /** Whether another one comes after it. */
  readonly isFollowed: boolean;
}

interface Member {
  readonly child: Process;
  readonly ended: Promise<void>;
  killedAt?: number;
}

type Report = { readonly desk: number } | { readonly wrong: string };

const LONGEST_LIFE_MS = 25;
const LONGEST_STOP_MS = 10;
// Who was told to end itself and waits for something that does not come is killed.
const PATIENCE_MS = 30;
const KILLED = [-2, -9, -15, DOOMED];

/** What a child does. A thread that imported the module would take half as long again to start. */
function play(module: string, role: string, plan: object): unknown {
  const load = process.getBuiltinModule('node:module').createRequire(module);
  return (load(module) as Record<string, (given: object) => unknown>)[role]!(plan);
}

export class Cast {
  deaths = 0;
  /** What members saw that must never happen. */
  readonly wrong: string[] = [];
  readonly words = new RawArray('int32', WORDS);
  readonly #production: Production;
  readonly #module: string;
  readonly #up = new Queue<Report>();
  readonly #living = new Map<number, Member>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #enough: () => void = () => undefined;

  constructor(production: Production) {
    this.#production = production;
    this.#module = join(import.meta.dirname, 'fixtures', production.module);
    void this.#listen();
  }

  word(index: number): number {
    return Atomics.load(this.words.array, index);
  }

  /** Starts everybody and kills them at random instants, until so many have died. */
  async storm(deaths: number): Promise<void> {
    const reached = new Promise<void>((resolve) => {
      this.#enough = () => {
        if (this.deaths >= deaths || this.wrong.length > 0) resolve();
      };
    });
    this.#production.parts.forEach((_, desk) => this.#start(desk));
    await reached;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#setPhase(PHASE.CALM);
    for (const [desk, { child }] of this.#living) {
      Atomics.store(this.words.array, doomAt(desk), 0);
      this.#signal(child, 'SIGCONT');
    }
    const dying = [...this.#living.values()].filter(({ killedAt }) => killedAt !== undefined);
    await Promise.all(dying.map(({ ended }) => ended));
  }

  /** Nobody dies any more: everybody must get on. */
  async calm(steps: number): Promise<void> {
    const goals = this.#production.parts.map((_, desk) => this.word(stepsAt(desk)) + steps);
    while (this.wrong.length === 0 && goals.some((goal, desk) => this.word(stepsAt(desk)) < goal)) await pause(2);
  }

  /** Everybody ends by itself, woken by `wake` if need be. */
  async end(wake: () => unknown = () => undefined): Promise<void> {
    this.#setPhase(PHASE.OVER);
    await wake();
    await Promise.all([...this.#living.values()].map(({ ended }) => ended));
    this.#up.shutdown();
    this.#up.close();
  }

  #setPhase(phase: number): void {
    Atomics.store(this.words.array, PHASE_AT, phase);
  }

  get #isStorm(): boolean {
    return this.word(PHASE_AT) === PHASE.STORM;
  }

  async #listen(): Promise<void> {
    // It ends when the queue is closed here.
    await (async () => {
      for await (const report of this.#up) {
        if ('desk' in report) {
          this.#doom(report.desk);
        } else {
          this.wrong.push(report.wrong);
          this.#enough();
        }
      }
    })().catch((error: { code?: string }) => {
      if (error.code !== 'ERR_STATE') throw error;
    });
  }

  #start(desk: number): void {
    const { parts, shared, random, started, died } = this.#production;
    const { method, role } = parts[desk]!;
    const { Process: Child } = getContext(method);
    Atomics.store(this.words.array, doomAt(desk), 0);
    const plan = { ...shared(desk), words: this.words, up: this.#up, desk, seed: random.below(2 ** 31) };
    const child = new Child({ target: play, args: [this.#module, role, plan], daemon: true });
    const ended = child
      .start()
      .then(() => {
        started?.(desk);
        return child.join();
      })
      .then((code) => {
        this.#living.delete(desk);
        const isOver = this.word(PHASE_AT) === PHASE.OVER;
        if (!(isOver ? code === 0 : KILLED.includes(code ?? 1))) this.wrong.push(`a ${role} ended with ${code}`);
        if (this.#isStorm) this.deaths++;
        died?.({ desk, code, killedAt: member.killedAt, isFollowed: !isOver });
        if (!isOver && this.wrong.length === 0) this.#start(desk);
        this.#enough();
      });
    const member: Member = { child, ended };
    this.#living.set(desk, member);
    // One in eight dies before it is ready.
    if (random.below(8) === 0) this.#doom(desk);
  }

  #doom(desk: number): void {
    const { parts, random } = this.#production;
    const member = this.#living.get(desk);
    if (member === undefined) return;
    const { child } = member;
    const kill = (how: 'kill' | 'terminate' | 'interrupt'): void => {
      if (child.pid === undefined) return;
      member.killedAt ??= performance.now();
      child[how]();
    };
    const killSomehow = (): void => kill(random.pick(['kill', 'kill', 'terminate', 'interrupt']));
    const isProcess = parts[desk]!.method === 'spawn';
    const way = random.pick(
      isProcess ? (['kill', 'kill', 'exit', 'stop', 'pause'] as const) : (['kill', 'exit'] as const),
    );
    this.#later(LONGEST_LIFE_MS, () => {
      if (way === 'kill') {
        killSomehow();
      } else if (way === 'exit') {
        // Perhaps its next one's by now, which then ends a little early.
        Atomics.store(this.words.array, doomAt(desk), 1);
        this.#later(PATIENCE_MS, killSomehow);
      } else {
        this.#signal(child, 'SIGSTOP');
        // Of what ends a process, a stopped one knows only this.
        if (way === 'stop') this.#later(LONGEST_STOP_MS, () => kill('kill'));
        else this.#later(LONGEST_STOP_MS, () => this.#signal(child, 'SIGCONT'), killSomehow);
      }
    });
  }

  #signal(child: Process, signal: NodeJS.Signals): void {
    if (child.pid !== process.pid && child.pid !== undefined && child.isAlive()) process.kill(child.pid, signal);
  }

  /** Does the actions one after another, each after a random time. */
  #later(longestMs: number, ...[action, ...rest]: (() => void)[]): void {
    if (!this.#isStorm || action === undefined) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
      this.#later(longestMs, ...rest);
    }, this.#production.random.below(longestMs));
    this.#timers.add(timer);
  }
}
