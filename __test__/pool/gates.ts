// Gates: lets a test decide when tasks in other processes and threads go on, and learn that they have come, without sleeping.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A place in the file system where tasks leave marks and wait for marks; it crosses to workers as its path. */
export class Gates {
  readonly folder = mkdtempSync(join(tmpdir(), 'gates-'));

  path(name: string): string {
    return join(this.folder, name);
  }

  open(name: string): void {
    writeFileSync(this.path(name), '');
  }

  isOpen(name: string): boolean {
    return existsSync(this.path(name));
  }

  /** Resolves when a task has made the mark. */
  async reached(name: string): Promise<void> {
    while (!this.isOpen(name)) await sleep(2);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** For tasks: makes the mark `arrived`, then blocks its worker until the mark `gate` is there. */
export function blockUntilOpen(arrived: string, gate: string): string {
  const fs = process.getBuiltinModule('node:fs');
  fs.writeFileSync(arrived, '');
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (!fs.existsSync(gate)) Atomics.wait(cell, 0, 0, 2);
  return arrived;
}

/** Resolves when `condition` holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(2);
}
