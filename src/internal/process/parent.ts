// A child's view of its parent: whether it lives, and hearing of its death from the kernel.
import type { Socket } from 'node:net';
import { native } from '../native.js';
import { identity } from '../worker/identity.js';
import { INHERITED } from '../worker/launch.js';

let life: Socket | undefined;
let isGone = false;
const listeners = new Set<() => void>();

/** Child processes only: listens to the socket that ends when the parent does. */
export function watchParent(): void {
  // A thread has no such socket, and loading the module takes more than a millisecond.
  const net = require('node:net') as typeof import('node:net');
  life = new net.Socket({ fd: INHERITED.PARENT_LIFE, readable: true, writable: false });
  const ended = (): void => {
    isGone = true;
    life?.destroy();
    for (const listener of [...listeners]) listener();
    listeners.clear();
  };
  life.on('end', ended).on('error', ended).unref().resume();
}

export function isParentAlive(): boolean {
  const { parent } = identity();
  if (parent === undefined || isGone) return false;
  return parent.isThread || !native().isGone(parent.pid, parent.started);
}

/** Calls back when the parent has ended; keeps the event loop alive until then or until it is taken back. */
export function onParentExit(listener: () => void): () => void {
  if (!isParentAlive()) {
    listener();
    return () => undefined;
  }
  listeners.add(listener);
  life?.ref();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) life?.unref();
  };
}
