// A file in which every run of a task notes its number, whatever becomes of its worker: who ran how often.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For tasks: appends a number with one write, which is whole or not there. */
export function note(path: string, id: number): void {
  const { openSync: open, writeSync } = process.getBuiltinModule('node:fs');
  const cache = globalThis as { stormFile?: number };
  cache.stormFile ??= open(path, 'a');
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(id);
  writeSync(cache.stormFile, bytes);
}

export class Executions {
  readonly #folder = mkdtempSync(join(tmpdir(), 'manyhands-storm-'));
  readonly path = join(this.#folder, 'executions');
  #next = 0;

  constructor() {
    closeSync(openSync(this.path, 'w'));
  }

  /** Numbers for `count` tasks; returns the first. */
  reserve(count: number): number {
    const first = this.#next;
    this.#next += count;
    return first;
  }

  /** How often each task ran. */
  counts(): Uint8Array {
    const counts = new Uint8Array(this.#next);
    const bytes = readFileSync(this.path);
    for (let at = 0; at + 4 <= bytes.length; at += 4) counts[bytes.readUInt32LE(at)]!++;
    return counts;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
