// One end of a pipe: sends values and bytes to the other end, wherever that is, and receives what it sends.
import { inspect } from 'node:util';
import { EOFError, StateError, TimeoutError } from './errors.js';
import type { WaitOptions } from './internal/job/time-limit.js';
import { arena } from './internal/memory/arena.js';
import { SIDE } from './internal/memory/doorbell.js';
import { Arrival, Handle } from './internal/shared/handle.js';
import { Iteration } from './internal/shared/iteration.js';
import { packBytes, packItem, sendBytes, sendItem, takeBytes, takeItem } from './internal/shared/item.js';
import { KIND } from './internal/shared/kinds.js';
import { bytesFilled, bytesOf, bytesToFill, bytesToSend, type BytesTaken } from './internal/shared/message-bytes.js';
import { arrivedEnd, type PipeEnd, type Send, type Take } from './internal/shared/pipe-end.js';
import { putBlock, putBlockSync } from './internal/shared/put-block.js';
import { type Limits, NOT_YET, trySync, WaitLine, waitSync } from './internal/shared/wait-line.js';
import { blockingOptions, waitOptions } from './internal/shared/wait-options.js';
import { READINESS, type Readiness } from './internal/shared/waitable.js';
import { milliseconds, optionalInteger, optionalObject } from './internal/validate.js';

type SyncOptions = Omit<WaitOptions, 'signal'>;
type BytesOptions = WaitOptions & { maxLength?: number };

const sendValue: Send<unknown> = (queue, value, peer) => sendItem(queue, value, 'value', peer);

const BYTES_OPTIONS: ReadonlySet<string> = new Set(['timeout', 'signal', 'maxLength']);

/**
 * One end of a pipe, made by `Pipe()`. It can be an argument, a captured variable, a result, an item or a message, as
 * often as you like; all copies of it are the same end. When nobody has the other end any more, what it sent can still be
 * received; then `recv` throws EOFError, and `send` an Error with code EPIPE.
 *
 * Messages arrive whole, once, and in the order in which one sender sent them. A pending call keeps the program alive, an
 * idle connection does not.
 *
 * @example
 * const [here, there] = Pipe();
 * const child = new Process({ target: async (end) => end.send((await end.recv()) * 2), args: [there] });
 * await child.start();
 * there.close();
 * await here.send(21);
 * await here.recv(); // 42
 */
export class Connection {
  readonly #end: PipeEnd;
  readonly #handle: Handle;
  readonly #receives: WaitLine;
  readonly #sends: WaitLine;
  #canRead: boolean;

  /** @internal Made by `Pipe()`, or by the arrival of one. */
  constructor(made: PipeEnd | Arrival) {
    const end = made instanceof Arrival ? arrivedEnd(made) : made;
    const { own, peer, incoming, outgoing } = end;
    this.#end = end;
    this.#handle = new Handle(
      this,
      KIND.CONNECTION,
      own,
      { parts: end.queues, mentions: [peer, incoming, outgoing] },
      () => end.release(),
    );
    this.#receives = new WaitLine(incoming, SIDE.TAKE, { isReady: () => end.isLossNew() });
    this.#sends = new WaitLine(outgoing, SIDE.PUT, { isReady: () => end.isPeerLost() });
    this.#canRead = incoming !== 0;
  }

  /**
   * Sends a copy of the value; resolves when it is on its way, which is at once unless 1,024 messages wait already.
   *
   * @throws Error with code EPIPE when nobody has the other end; DataCloneError; StateError after `close` or when this end
   *   only reads
   */
  async send(value: unknown, options?: WaitOptions): Promise<void> {
    const limits = waitOptions(options);
    this.#checkWritable();
    const block = this.#isNext(this.#sends, limits) ? this.#end.send(sendValue, value) : packItem(value, 'value');
    await this.#sendBlock(block, limits);
  }

  async #sendBlock(block: number, limits: Limits): Promise<void> {
    if (block !== 0) await putBlock(block, this.#sends, () => this.#end.put(block), timedOut, limits);
  }

  /** `send` that blocks this thread. */
  sendSync(value: unknown, options?: SyncOptions): void {
    const { timeout } = blockingOptions(options);
    this.#checkWritable();
    this.#sendBlockSync(this.#end.send(sendValue, value), timeout);
  }

  #sendBlockSync(block: number, timeout: number | undefined): void {
    if (block === 0) return;
    putBlockSync(block, this.#end.outgoing, () => this.#end.put(block), timedOut, timeout);
  }

  /**
   * The next message, as soon as there is one.
   *
   * @throws EOFError when nobody has the other end and all that it sent was received; TimeoutError; StateError after
   *   `close` or when this end only writes
   */
  async recv(options?: WaitOptions): Promise<unknown> {
    return await this.#receive(takeItem, waitOptions(options));
  }

  async #receive<T>(take: Take<T>, limits: Limits): Promise<T> {
    this.#checkReadable();
    if (this.#isNext(this.#receives, limits)) {
      const taken = this.#end.take(take, 0);
      if (taken !== NOT_YET) return taken;
    }
    return await this.#receives.wait(() => this.#end.take(take, 0), timedOut, limits);
  }

  /** `recv` that blocks this thread. */
  recvSync(options?: SyncOptions): unknown {
    return this.#receiveSync(takeItem, options);
  }

  #receiveSync<T>(take: Take<T>, options: SyncOptions | undefined, known?: ReadonlySet<string>): T {
    const { timeout } = blockingOptions(options, known);
    this.#checkReadable();
    return trySync((waitMs) => this.#end.take(take, waitMs), timedOut, timeout);
  }

  /**
   * Sends `size` bytes of a buffer or view, from byte `offset` on.
   *
   * @throws RangeError when they are not within it; what `send` throws
   */
  async sendBytes(buffer: ArrayBufferView | ArrayBufferLike, offset?: number, size?: number): Promise<void> {
    const bytes = bytesToSend(buffer, offset, size);
    this.#checkWritable();
    await this.#sendBlock(this.#sends.isEmpty ? this.#end.send(sendBytes, bytes) : packBytes(bytes), {});
  }

  /** `sendBytes` that blocks this thread. */
  sendBytesSync(buffer: ArrayBufferView | ArrayBufferLike, offset?: number, size?: number): void {
    const bytes = bytesToSend(buffer, offset, size);
    this.#checkWritable();
    this.#sendBlockSync(this.#end.send(sendBytes, bytes), undefined);
  }

  /**
   * The bytes of the next message; those of a message that `send` sent are its encoded form.
   *
   * @throws an Error with code EMSGSIZE when it has more than `maxLength` bytes; this end can then receive no more, as in
   *   Python; what `recv` throws
   */
  async recvBytes(options?: BytesOptions): Promise<Buffer> {
    const maxLength = longest(options);
    return this.#limited(bytesOf(await this.#receive(takeItem, waitOptions(options, BYTES_OPTIONS))), maxLength);
  }

  /** `recvBytes` that blocks this thread. */
  recvBytesSync(options?: SyncOptions & { maxLength?: number }): Buffer {
    const maxLength = longest(options);
    return this.#limited(bytesOf(this.#receiveSync(takeItem, options, BYTES_OPTIONS)), maxLength);
  }

  /**
   * Receives bytes into a view, from byte `offset` on; resolves to their number.
   *
   * @throws BufferTooShortError, whose `data` is the whole message, when they do not fit
   */
  async recvBytesInto(view: ArrayBufferView, offset = 0, options?: WaitOptions): Promise<number> {
    const target = bytesToFill(view, offset);
    const take: Take<BytesTaken> = (queue, waitMs) => takeBytes(queue, target, waitMs);
    return bytesFilled(target, await this.#receive(take, waitOptions(options)));
  }

  /** `recvBytesInto` that blocks this thread. */
  recvBytesIntoSync(view: ArrayBufferView, offset = 0, options?: SyncOptions): number {
    const target = bytesToFill(view, offset);
    return bytesFilled(
      target,
      this.#receiveSync((queue, waitMs) => takeBytes(queue, target, waitMs), options),
    );
  }

  /**
   * Whether `recv` would not wait: a message is there, or the end of file. Takes nothing.
   *
   * @param options.timeout in ms; 0, the default, asks at once, null waits for ever
   */
  async poll(options?: { timeout?: number | null; signal?: AbortSignal }): Promise<boolean> {
    const limits = pollOptions(options);
    this.#checkReadable();
    return await this.#receives.wait(
      () => (this.#end.isReady() ? true : NOT_YET),
      () => false,
      limits,
    );
  }

  /** `poll` that blocks this thread. */
  pollSync(options?: { timeout?: number | null }): boolean {
    const { timeout, signal } = pollOptions(options);
    signal?.throwIfAborted();
    this.#checkReadable();
    const attempt = (): boolean | typeof NOT_YET => (this.#end.isReady() ? true : NOT_YET);
    return waitSync(this.#end.incoming, SIDE.TAKE, attempt, () => false, timeout);
  }

  /** Gives up this end here; when everybody has, the other end sees the end of file. What waits here rejects. */
  close(): void {
    if (!this.#handle.isOpen) return;
    this.#receives.end(isClosed);
    this.#sends.end(isClosed);
    this.#handle.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Whether it was closed here. */
  get closed(): boolean {
    return !this.#handle.isOpen;
  }

  /** Whether this end can receive: the second one of a pipe that is not duplex cannot. */
  get readable(): boolean {
    return this.#handle.isOpen && this.#canRead;
  }

  /** Whether this end can send: the first one of a pipe that is not duplex cannot. */
  get writable(): boolean {
    return this.#handle.isOpen && this.#end.outgoing !== 0;
  }

  /**
   * The descriptor of the shared memory that carries the messages. It is the same for all connections and belongs to none:
   * nothing is read from it, it must not be closed, and it does not tell when a message comes (the system refuses it to
   * `epoll`, with EPERM). `poll` and `wait([...])` do.
   */
  fileno(): number {
    this.#handle.get();
    return arena().native.arenaFd();
  }

  /** Receives until the end of file. */
  [Symbol.asyncIterator](): AsyncIterableIterator<unknown> {
    return new Iteration(
      (limits) => this.#receive(takeItem, limits),
      (error) => error instanceof EOFError,
    );
  }

  /** For `wait([...])`. */
  get [READINESS](): Readiness {
    this.#checkReadable();
    return {
      isReady: () => this.#end.isReady(),
      onReady: (listener) => this.#receives.whenever(() => this.#end.isReady(), listener),
    };
  }

  [inspect.custom](): string {
    const can = [this.readable ? 'readable' : '', this.writable ? 'writable' : ''].filter(Boolean).join(', ');
    return `Connection { ${this.closed ? 'closed' : can} }`;
  }

  #checkReadable(): void {
    this.#handle.get();
    if (!this.#canRead) throw new StateError('The connection is write-only');
  }

  #checkWritable(): void {
    this.#handle.get();
    if (this.#end.outgoing === 0) throw new StateError('The connection is read-only');
  }

  /** An operation may be tried at once: who waits already is first. */
  #isNext(line: WaitLine, { signal }: Limits): boolean {
    return line.isEmpty && signal?.aborted !== true;
  }

  /** As in Python, a message that is too long ends the reading: it was not meant for this reader. */
  #limited(bytes: Buffer, maxLength: number | undefined): Buffer {
    if (maxLength === undefined || bytes.byteLength <= maxLength) return bytes;
    if (this.writable) this.#canRead = false;
    else this.close();
    throw Object.assign(new Error(`The message has ${bytes.byteLength} bytes, more than ${maxLength}`), {
      code: 'EMSGSIZE',
    });
  }
}

function timedOut(): never {
  throw new TimeoutError('Nothing was received or could be sent in time');
}

function isClosed(): never {
  throw new StateError('The connection was closed');
}

function pollOptions(options: unknown): { timeout: number | undefined; signal: AbortSignal | undefined } {
  const { timeout = 0, signal } = optionalObject('options', options) ?? {};
  const limits = waitOptions(signal === undefined ? {} : { signal });
  return { timeout: timeout === null ? undefined : milliseconds('timeout', timeout), signal: limits.signal };
}

function longest(options: unknown): number | undefined {
  return optionalInteger('maxLength', optionalObject('options', options)?.['maxLength'], 0);
}
