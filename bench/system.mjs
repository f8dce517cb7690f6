// What the kernel says of processes: children, memory, time on a processor.
import { readdirSync, readFileSync } from 'node:fs';

const threadsOf = (pid) => readdirSync(`/proc/${pid}/task`);

export function childrenOf(pid) {
  return threadsOf(pid).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

/** Resident bytes of a process. */
export function residentBytes(pid) {
  const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kib) * 1024;
}

/** Nanoseconds that the threads of a process have run. */
export function runNanoseconds(pid) {
  const of = (thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  return threadsOf(pid).reduce((sum, thread) => sum + of(thread), 0);
}

/** Seconds of all processors: busy, and in total. */
export function processorSeconds() {
  const [, ...fields] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].split(/\s+/);
  const [user, nice, system, idle, wait, irq, softirq, steal] = fields.map(Number);
  const busy = user + nice + system + irq + softirq + steal;
  return { busy: busy / 100, total: (busy + idle + wait) / 100 };
}
