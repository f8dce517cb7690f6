// Starts programs for the tests of a file, and ends those that are left after each test.
import { afterEach, expect } from 'vitest';
import { Program, sharedNames, type ProgramOptions } from './program.js';

const programs: Program[] = [];

/** A program that lives until the end of the test at the longest. */
export function start(source: string, options?: ProgramOptions): Program {
  const program = new Program(source, options);
  programs.push(program);
  return program;
}

/** To be called once by each file that starts programs: none of them may leave a name of shared memory. */
export function endPrograms(): void {
  afterEach(() => {
    for (const program of programs.splice(0)) program.destroy();
    expect(sharedNames()).toEqual([]);
  });
}
