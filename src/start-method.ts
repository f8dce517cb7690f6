// The start method of everything made without a context: chosen once per program.

/** How workers come to life: in a process of their own ('spawn') or on a worker thread ('thread'). */
export type StartMethod = 'spawn' | 'thread';

/** The start methods of this platform, the default first. */
export const START_METHODS: readonly StartMethod[] = ['spawn', 'thread'];

let inForce: StartMethod | null = null;

/** The method in force, or null while it is open. */
export function methodInForce(): StartMethod | null {
  return inForce;
}

/** The method in force; fixes it while it is open. */
export function defaultStartMethod(): StartMethod {
  inForce ??= 'spawn';
  return inForce;
}

export function setDefaultStartMethod(method: StartMethod | null): void {
  inForce = method;
}
