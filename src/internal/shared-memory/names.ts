// Names of shared memory that this environment answers for: removed at its end, and by a helper if it is killed.
//
// The helper is a shell that lives while there are such names. It holds them and reads changes from a pipe; the end of that
// pipe means that this process is gone, however it went. It is in a session of its own, so that what is sent to the
// terminal's or the parent's group does not reach it. A line is `+` or `-`, the inode, a space and the name; the inode
// keeps it from removing what somebody else has put under the same name since. A name is in a variable called after its
// inode, so that a change costs the same however many there are.
import { spawn, type ChildProcess } from 'node:child_process';
import { isMainThread } from 'node:worker_threads';
import { arena } from '../memory/arena.js';
import { native } from '../native.js';

const HELPER = `
trap '' INT TERM HUP
while IFS= read -r line; do
  entry=\${line#?}
  inode=\${entry%% *}
  case $line in
    +*) eval "name_$inode=\\\${entry#* }" ;;
    *) unset "name_$inode" ;;
  esac
done
set | while IFS== read -r variable value; do
  case $variable in
    name_*)
      eval "file=/dev/shm/\\\${$variable}"
      found=$(ls -di -- "$file" 2>/dev/null) &&
        [ "$((\${found%%/*}))" -eq "\${variable#name_}" ] && rm -f -- "$file" ;;
  esac
done
`;

/** Inode, space, name. The same name may be there more than once: while one that is taken is refused, or after a stranger took it over. */
const owned = new Set<string>();
let helper: ChildProcess | undefined;
let installed = false;

/** Answers for a name from now on, before the name exists. */
export function claimName(name: string, inode: number): void {
  if (!installed) {
    installed = true;
    process.on('exit', removeAll);
  }
  const entry = `${inode} ${name}`;
  owned.add(entry);
  if (helper === undefined) startHelper();
  else tell('+', entry);
}

/** Stops answering for a name that is gone; with an inode, only for that memory, which did not get the name. */
export function releaseName(name: string, inode?: number): void {
  for (const entry of owned) {
    if (nameIn(entry) !== name || (inode !== undefined && entry !== `${inode} ${name}`)) continue;
    owned.delete(entry);
    tell('-', entry);
  }
  if (owned.size === 0) endHelper();
}

function removeAll(): void {
  for (const entry of owned) {
    const name = nameIn(entry);
    // Another process may have removed it, and put its own memory there.
    if (inodeOf(name) === Number.parseInt(entry, 10)) native().shmUnlink(name);
    tell('-', entry);
  }
  owned.clear();
  endHelper();
}

const nameIn = (entry: string): string => entry.slice(entry.indexOf(' ') + 1);

function inodeOf(name: string): number | undefined {
  const fd = native().shmOpen(name);
  if (fd < 0) return undefined;
  const stat = native().shmStat(fd);
  native().closeFd(fd);
  return typeof stat === 'number' ? undefined : stat.inode;
}

interface BlockingPipe {
  unref(): void;
  readonly _handle: { setBlocking(blocks: boolean): void };
}

function startHelper(): void {
  const child = spawn('/bin/sh', ['-c', HELPER, 'manyhands-names', String(process.pid)], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.on('error', (cause) => {
    process.emitWarning(
      `Names of shared memory will be left behind if this process is killed: the helper that removes them cannot be started (${cause.message})`,
      { code: 'MANYHANDS_NO_NAME_HELPER' },
    );
  });
  // Undefined where there is no descriptor left for it; the next name tries again.
  const pipe = child.stdin as (typeof child.stdin & BlockingPipe) | undefined;
  if (pipe === undefined) return;
  helper = child;
  child.unref();
  pipe.on('error', () => undefined); // 'exit' says what to do
  pipe.unref();
  // A line that waited in this process for room in the pipe would die with it.
  pipe._handle.setBlocking(true);
  // A thread's event loop is gone when the helper ends after it: somebody must reap it.
  const orphan = isMainThread ? undefined : child.pid;
  if (orphan !== undefined) arena().native.ownChild(orphan, 0);
  child.on('exit', () => {
    if (orphan !== undefined) arena().native.disownChild(orphan);
    if (helper !== child) return;
    helper = undefined;
    // Somebody killed it: another takes over.
    if (owned.size > 0) startHelper();
  });
  for (const entry of owned) tell('+', entry);
}

/** Returns when the pipe has the line, so that it reaches the helper whatever happens next. */
function tell(sign: '+' | '-', entry: string): void {
  helper?.stdin?.write(`${sign}${entry}\n`);
}

function endHelper(): void {
  const ended = helper;
  helper = undefined;
  ended?.stdin?.end();
}
