// Poor surroundings for a program: private mounts, limits, other users. What a machine does not allow is told once.
import { spawnSync } from 'node:child_process';

/** Whether this machine lets us change what a process sees; the reason when it does not. */
function cannot(command: readonly string[]): string | undefined {
  const [program = '', ...args] = command;
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

export const noMounts = cannot(['unshare', '-m', 'sh', '-c', 'mount -t tmpfs none /proc']);
export const noOtherUser = noMounts ?? cannot(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'true']);
if (noMounts !== undefined) console.warn(`No private mounts here, their tests are skipped: ${noMounts}`);
if (noOtherUser !== undefined) console.warn(`No other user here, its tests are skipped: ${noOtherUser}`);

/** Runs a program after `command` in a mount namespace of its own. */
export const mounted = (command: string): readonly string[] => [
  'unshare',
  '-m',
  'sh',
  '-c',
  `${command} && exec "$@"`,
  'sh',
];

export const limited = (limit: string): readonly string[] => ['sh', '-c', `ulimit ${limit} && exec "$@"`, 'sh'];

/** Runs a program in a folder that is gone. */
export const inLostFolder: readonly string[] = [
  'sh',
  '-c',
  'folder=$(mktemp -d) && cd "$folder" && rmdir "$folder" && exec "$@"',
  'sh',
];

/** Runs a program with some of its standard streams closed: `'<&- >&-'`. */
export const closing = (streams: string): readonly string[] => ['sh', '-c', `exec "$@" ${streams}`, 'sh'];

export const asNobody = 'set -- setpriv --reuid=65534 --regid=65534 --clear-groups "$@"';
