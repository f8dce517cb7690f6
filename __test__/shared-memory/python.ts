// Runs a piece of Python beside a test; there is none on some machines.
import { execFileSync, spawnSync } from 'node:child_process';

export const hasPython = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']).status === 0;

/** Attaching must not make Python remove the name at its end, which it does before 3.13. */
const PROLOGUE = `
from multiprocessing import resource_tracker, shared_memory
def attach(memory):
    resource_tracker.unregister(memory._name, 'shared_memory')
    return memory
`;

/** What the program prints. */
export function python(program: string, ...args: string[]): string {
  return execFileSync('python3', ['-c', PROLOGUE + program, ...args], { encoding: 'utf8' });
}
