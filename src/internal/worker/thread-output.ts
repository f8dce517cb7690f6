// Takes what a worker prints away from Node, whose streams pass it on later: a thread's through its parent's event loop.

/** Where the text goes instead: to standard output (1) or error (2). */
export type OutputSink = (fd: 1 | 2, bytes: string | Uint8Array) => void;

/** There it would come after the result of a task or not at all, and a thread could not end while its parent is blocked. */
export function redirectOutput(sink: OutputSink, descriptors: readonly (1 | 2)[] = [1, 2]): void {
  for (const fd of descriptors) redirectWhenUsed(fd === 1 ? 'stdout' : 'stderr', fd, sink);
}

/**
 * Node makes these streams when they are first asked for, which takes longer than running a small task: so do we. But
 * what flags of Node's loaded before us may have them already.
 */
function redirectWhenUsed(name: 'stdout' | 'stderr', fd: 1 | 2, sink: OutputSink): void {
  const { get, ...rest } = Object.getOwnPropertyDescriptor(process, name) ?? {};
  if (get === undefined || process.execArgv.length > 0 || process.env['NODE_OPTIONS'] !== undefined) {
    redirect(process[name], fd, sink);
    return;
  }
  let redirected = false;
  const stream = (): NodeJS.WriteStream => {
    const made = get.call(process) as NodeJS.WriteStream;
    if (!redirected) {
      redirected = true;
      redirect(made, fd, sink);
    }
    return made;
  };
  Object.defineProperty(process, name, { ...rest, get: stream });
}

type Write = (chunk: unknown, encoding?: unknown, callback?: unknown) => boolean;

function redirect(stream: NodeJS.WriteStream, fd: 1 | 2, sink: OutputSink): void {
  const write: Write = (chunk, encoding, callback) => {
    const encoded = typeof chunk === 'string' && typeof encoding === 'string';
    sink(fd, encoded ? Buffer.from(chunk, encoding as BufferEncoding) : (chunk as string | Uint8Array));
    const done = typeof encoding === 'function' ? encoding : callback;
    if (typeof done === 'function') process.nextTick(done as () => void);
    return true;
  };
  Object.defineProperty(stream, 'write', { value: write, configurable: true, writable: true });
}
