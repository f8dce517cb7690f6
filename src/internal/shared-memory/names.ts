// Names of shared memory that this environment answers for: removed at its end, and by a helper if it is killed.
//
// The helper is a shell that lives while there are such names. It holds the list and reads changes from a pipe; the end
// of that pipe means that this process is gone, however it went. It is in a session of its own, so that what is sent to
// the terminal's or the parent's group does not reach it. A line is `+` or `-`, the inode, a space and the name; the
// inode keeps it from removing what somebody else has put under the same name since.
import { spawn, type ChildProcess } from 'node:child_process';
import { native } from '../native.js';

const HELPER = `
trap '' INT TERM HUP
set --
while IFS= read -r line; do
  entry=\${line#?}
  case $line in
    +*) set -- "$@" "$entry" ;;
    *)
      n=$#
      while [ "$n" -gt 0 ]; do
        first=$1
        shift
        n=$((n - 1))
        [ "$first" = "$entry" ] || set -- "$@" "$first"
      done ;;
  esac
done
for entry do
  file=/dev/shm/\${entry#* }
  found=$(ls -di -- "$file" 2>/dev/null) && [ "$((\${found%%/*}))" -eq "\${entry%% *}" ] && rm -f -- "$file"
done
`;

const owned = new Map<string, number>();
let helper: ChildProcess | undefined;
let installed = false;

/** Answers for a name from now on, before the name exists. */
export function claimName(name: string, inode: number): void {
  if (!installed) {
    installed = true;
    process.on('exit', removeAll);
  }
  owned.set(name, inode);
  if (helper === undefined) startHelper();
  else tell('+', name, inode);
}

/** Stops answering for a name: it is gone, or somebody else's. */
export function releaseName(name: string): void {
  const inode = owned.get(name);
  if (inode === undefined) return;
  owned.delete(name);
  tell('-', name, inode);
  if (owned.size === 0) endHelper();
}

function removeAll(): void {
  for (const name of [...owned.keys()]) {
    // Another process may have been faster; then there is nothing to remove.
    native().shmUnlink(name);
    releaseName(name);
  }
}

function startHelper(): void {
  const child = spawn('/bin/sh', ['-c', HELPER, 'manyhands-names', String(process.pid)], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  helper = child;
  child.unref();
  child.stdin.on('error', () => undefined); // 'exit' says what to do
  (child.stdin as unknown as { unref(): void }).unref();
  child.on('error', (cause) => {
    process.emitWarning(
      `Names of shared memory will be left behind if this process is killed: the helper that removes them cannot be started (${cause.message})`,
      { code: 'MANYHANDS_NO_NAME_HELPER' },
    );
  });
  child.on('exit', () => {
    if (helper !== child) return;
    helper = undefined;
    // Somebody killed it: another takes over.
    if (owned.size > 0) startHelper();
  });
  for (const [name, inode] of owned) tell('+', name, inode);
}

/** The pipe takes a line at once, so that it is with the helper whatever happens next. */
function tell(sign: '+' | '-', name: string, inode: number): void {
  helper?.stdin?.write(`${sign}${inode} ${name}\n`);
}

function endHelper(): void {
  const ended = helper;
  helper = undefined;
  ended?.stdin?.end();
}
