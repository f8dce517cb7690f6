// Signals by number: Python's exit codes and the kernel speak numbers, Node speaks names.
import { constants } from 'node:os';

const numbers: ReadonlyMap<string, number> = new Map(Object.entries(constants.signals));
const names: ReadonlyMap<number, NodeJS.Signals> = new Map(
  [...numbers].map(([name, number]) => [number, name as NodeJS.Signals]),
);

export const signalNumber = (name: NodeJS.Signals): number => numbers.get(name) ?? 0;

export const signalName = (number: number): NodeJS.Signals | null => names.get(number) ?? null;
