// The page of memory through which small messages are put and taken, without arguments or results: what is slow about a
// short native call is each number that goes in or out.
import { environment } from '../native.js';
import { arena } from './arena.js';

/** The doubles at the start of the page; crates/node/src/page.rs has the same table. */
export const WORD = {
  QUEUE: 0,
  /** `send`: bytes of the message in `outgoing`. `receive`: how many fit into `incoming`, then how many are there. */
  BYTES: 1,
  /** `send`: an object that must exist, or 0. */
  PEER: 2,
  /** `receive`: milliseconds to wait when there is no message. */
  LIMIT: 2,
  /** `send`: 0, or the block that found no room. `receive`: NOTHING, DELIVERED, or a block that `takeBegin` might have given. */
  OUTCOME: 3,
} as const;

export const NOTHING = 0;
export const DELIVERED = 1;

const WORDS_BYTES = 64;
export const AREA_BYTES = 4096;

export interface CallPage {
  readonly words: Float64Array;
  /** What `send` sends. */
  readonly outgoing: Uint8Array;
  /** What `receive` received. */
  readonly incoming: Uint8Array;
  /** Of the addon: to look for them there at each call would take as long as the rest of it. */
  readonly send: () => void;
  readonly receive: () => void;
  /** Somebody writes a message there: a getter in it may send another one meanwhile. */
  isWriting: boolean;
  /** The same for who reads one. */
  isReading: boolean;
}

let current: CallPage | undefined;

/** The page of this environment, which all loads of the package in it share. */
export function callPage(): CallPage {
  current ??= environment().page ??= make();
  return current;
}

function make(): CallPage {
  const buffer = new ArrayBuffer(WORDS_BYTES + 2 * AREA_BYTES);
  const { native } = arena();
  native.usePage(buffer);
  const { send, receive } = native;
  return {
    words: new Float64Array(buffer, 0, WORDS_BYTES / Float64Array.BYTES_PER_ELEMENT),
    outgoing: new Uint8Array(buffer, WORDS_BYTES, AREA_BYTES),
    incoming: new Uint8Array(buffer, WORDS_BYTES + AREA_BYTES, AREA_BYTES),
    send,
    receive,
    isWriting: false,
    isReading: false,
  };
}
