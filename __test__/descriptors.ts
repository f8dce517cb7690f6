// The descriptors that this process has open, for tests that look at what is left behind.
import { readdirSync, readlinkSync } from 'node:fs';

/**
 * Number and target of each. Source files do not count: Node reads the modules of a thread by descriptors that stay open
 * when the thread is ended in between.
 */
export function openDescriptors(): string[] {
  return readdirSync('/proc/self/fd')
    .map(described)
    .filter((one) => !/\.[cm]?[jt]s$/.test(one));
}

function described(fd: string): string {
  try {
    return `${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`;
  } catch {
    // The one that listed them is closed by now.
    return fd;
  }
}
