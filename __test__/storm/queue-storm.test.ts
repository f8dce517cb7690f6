// Threads and processes put and take through the addon while they are killed; every message is accounted for.
//
// This is the core as Node runs it: participants leave by the clean-up hook of a terminated thread or are buried after
// SIGKILL, and sleep in event loops. A bare thread costs 10 to 20 ms of CPU, so most of the deaths of the test command are here.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { arena as arenaOf, entryOf } from '../../dist/internal/memory/arena.js';
import { before, expectNothingLeft } from './leftovers.ts';
import { randomFrom, seed } from './random.ts';
import { DEATHS } from './scale.ts';

const KILLS = DEATHS.queue;
const CAPACITIES = [1, 2, 7, 1024];
const MEMBER = join(import.meta.dirname, 'fixtures/member.mjs');
const LONGEST_LIFE_MS = 30;

const WORD = { PHASE: 0, NEXT_ID: 1, NEXT_PRODUCER: 2, DELIVERED: 3, DAMAGED: 4, OUT_OF_ORDER: 5 };
const DESKS_AT = 64;
const IDS_AT = 4096;
const IDS = 7 << 20;

const CAST = [
  { role: 'producer', process: false },
  { role: 'producer', process: false },
  { role: 'event loop', process: false },
  { role: 'blocking consumer', process: false },
  { role: 'event loop', process: true },
];

const random = randomFrom(seed);

interface Sums {
  kills: number;
  messages: number;
  lost: number;
  duplicated: number;
  damaged: number;
  outOfOrder: number;
  withConsumer: number;
}

/** A queue, its ledger, and members that are replaced when they die. */
class Round {
  readonly #arena = arenaOf();
  readonly #queue: number;
  readonly #ledger: number;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #suspects = new Set<number>();
  readonly #living = new Map<number, { readonly role: string; kill(): void; readonly ended: Promise<void> }>();
  #raging = true;
  #running = true;
  #kills = 0;

  constructor(capacity: number) {
    const { native } = this.#arena;
    this.#queue = native.queueCreate(capacity);
    this.#ledger = native.alloc(IDS_AT + IDS);
    const at = this.#arena.offsetOf(this.#ledger) + this.#arena.headerBytes;
    const { buffer } = this.#arena.segmentOf(this.#ledger).u8;
    this.#words = new Int32Array(buffer, at, IDS_AT / 4).fill(0);
    this.#bytes = new Uint8Array(buffer, at + IDS_AT, IDS).fill(0);
  }

  async run(kills: number): Promise<Sums> {
    let enough = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      enough = resolve;
    });
    CAST.forEach((_, desk) => this.#start(desk, () => this.#kills >= kills && enough()));
    await reached;
    this.#raging = false;
    // Nobody dies any more: messages must flow.
    const goal = Math.min(this.#count('DELIVERED') + 300, IDS);
    while (this.#count('DELIVERED') < goal && this.#count('NEXT_ID') < IDS) await pause(2);
    this.#running = false;
    Atomics.store(this.#words, WORD.PHASE, 1);
    await this.#end('producer');
    for (const { kill } of this.#living.values()) kill();
    await this.#end('event loop');
    await this.#end('blocking consumer');
    return this.#sums();
  }

  #count(word: keyof typeof WORD): number {
    return Atomics.load(this.#words, WORD[word]);
  }

  async #end(role: string): Promise<void> {
    await Promise.all([...this.#living.values()].filter((member) => member.role === role).map(({ ended }) => ended));
  }

  #start(desk: number, died: () => void): void {
    const { native } = this.#arena;
    const { role, process: apart } = CAST[desk]!;
    const reservation = native.reserve();
    const ledger = { ledger: this.#ledger, WORD, DESKS_AT, IDS_AT, IDS };
    const plan = { ...ledger, role, queue: this.#queue, reservation, desk };
    const { member, kill } = apart ? startProcess(plan, native.arenaFd()) : startThread(plan);
    let timer: NodeJS.Timeout | undefined;
    const doomed = (): void => {
      timer ??= setTimeout(() => {
        if (this.#raging) kill();
      }, random.below(LONGEST_LIFE_MS));
    };
    // One in eight dies before it is ready.
    if (random.below(8) === 0) doomed();
    else member.once('message', doomed);
    const ended = new Promise<void>((resolve, reject) => {
      member.once('error', reject);
      member.once('exit', (code, signal) => {
        clearTimeout(timer);
        this.#living.delete(desk);
        if (code === 1 && !killedThread(member)) reject(new Error(`a ${role} failed`));
        if (!native.bury(reservation))
          reject(new Error(`entry ${entryOf(reservation)} of a ${role} (${signal}) cannot be buried`));
        const held = Atomics.exchange(this.#words, DESKS_AT / 4 + desk, 0);
        if (held !== 0) this.#suspects.add(held - 1);
        if (this.#raging) this.#kills++;
        if (this.#running) this.#start(desk, died);
        died();
        resolve();
      });
    });
    this.#living.set(desk, { role, kill, ended });
  }

  #sums(): Sums {
    const { native } = this.#arena;
    for (;;) {
      const block = native.take(this.#queue);
      if (block === 0) break;
      this.#bytes[this.#arena.segmentOf(block).u32[(this.#arena.offsetOf(block) + this.#arena.headerBytes) / 4]!]! += 4;
      native.free(block);
    }
    const sums: Sums = {
      kills: this.#kills,
      messages: 0,
      lost: 0,
      duplicated: 0,
      damaged: this.#count('DAMAGED'),
      outOfOrder: this.#count('OUT_OF_ORDER'),
      withConsumer: 0,
    };
    const end = Math.min(this.#count('NEXT_ID'), IDS);
    for (let id = 0; id < end; id++) {
      const state = this.#bytes[id]!;
      const deliveries = state >>> 2;
      if (deliveries > 0 || (state & 2) !== 0) sums.messages++;
      if (deliveries > 1 || (deliveries === 1 && (state & 1) === 0)) sums.duplicated++;
      if ((state & 2) !== 0 && deliveries === 0) {
        // Between the end of a take and the note of it, the message is the dead consumer's.
        if (this.#suspects.has(id)) sums.withConsumer++;
        else sums.lost++;
      }
    }
    native.queueDestroy(this.#queue);
    native.free(this.#ledger);
    return sums;
  }
}

const terminated = new WeakSet<object>();
const killedThread = (member: object): boolean => terminated.has(member);

function startThread(plan: object) {
  const member = new Worker(MEMBER, { workerData: plan });
  const kill = (): void => {
    terminated.add(member);
    void member.terminate();
  };
  return { member, kill };
}

function startProcess(plan: object, arenaFd: number) {
  const member = spawn(process.execPath, [MEMBER, JSON.stringify(plan)], {
    stdio: ['ignore', 'inherit', 'inherit', arenaFd, 'ipc'],
  });
  return { member, kill: () => void member.kill('SIGKILL') };
}

test(`${KILLS} deaths around queues, SEED=${seed}`, { timeout: 60_000 + KILLS * 200 }, async () => {
  const start = await before(async () => new Round(2).run(3));
  const total: Sums = {
    kills: 0,
    messages: 0,
    lost: 0,
    duplicated: 0,
    damaged: 0,
    outOfOrder: 0,
    withConsumer: 0,
  };
  for (const capacity of CAPACITIES) {
    const sums = await new Round(capacity).run(Math.ceil(KILLS / CAPACITIES.length));
    for (const key of Object.keys(total) as (keyof Sums)[]) total[key] += sums[key];
  }
  console.log(
    `queue storm: ${total.kills} deaths, ${total.messages} messages, lost ${total.lost}, duplicated ${total.duplicated}, ` +
      `damaged ${total.damaged}, out of order ${total.outOfOrder}; died with their consumer ${total.withConsumer} (SEED=${seed})`,
  );
  expect(total.kills).toBeGreaterThanOrEqual(KILLS);
  expect(total).toMatchObject({ lost: 0, duplicated: 0, damaged: 0, outOfOrder: 0 });
  expect(total.messages).toBeGreaterThan(total.kills);
  await expectNothingLeft(start);
});
