// The versions of Node that are installed here, and how to run a program with one of them.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
export const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));
export const modules = fileURLToPath(new URL('node_modules/', root));

export interface Node {
  readonly label: string;
  readonly path: string;
  readonly major: number;
}

export const nodes: readonly Node[] = [
  {
    label: `Node ${process.versions.node.split('.')[0]}`,
    path: process.execPath,
    major: Number(process.versions.node.split('.')[0]),
  },
  ...[22, 24, 26].map((major) => ({
    label: `Node ${major}`,
    path: fileURLToPath(new URL(`node_modules/node${major}/bin/node`, root)),
    major,
  })),
].filter(({ path, major }, i, all) => existsSync(path) && all.findIndex((node) => node.major === major) === i);

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
}

/** Runs a program in the folder of the fixtures until it ends. */
export function runNode(node: string, args: readonly string[], { input, env, cwd }: RunOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const { NODE_OPTIONS: _, VITEST: _v, ...inherited } = process.env;
    const child = spawn(node, args, { cwd: cwd ?? fixtures, env: { ...inherited, NO_COLOR: '1', ...env } });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (err += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
    child.stdin.end(input ?? '');
  });
}
