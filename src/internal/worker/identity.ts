// Who this environment is: its name, its key and its parent, as in Python's current_process() and parent_process().

/** What a child is told of itself. */
export interface ChildIdentity {
  readonly name: string;
  /** Ends with its parent, and may have no children of its own. */
  readonly daemon: boolean;
  /** Numbers of the children on the way from the program down to this one; names are made of them. */
  readonly path: readonly number[];
  readonly parentName: string;
  readonly parentPid: number;
  /** When the parent started, so that a later process with its pid is not taken for it. */
  readonly parentStarted: number;
  /** What the log of its parent was set to. */
  readonly logLevel: number;
  readonly logsToStderr: boolean;
}

export interface Identity {
  name: string;
  /** Random until it is set. */
  authkey: Uint8Array;
  readonly daemon: boolean;
  readonly path: readonly number[];
  /** 0 until it is set. */
  logLevel: number;
  logsToStderr: boolean;
  /** undefined in the program that the user started. */
  readonly parent: ParentIdentity | undefined;
}

export interface ParentIdentity {
  readonly name: string;
  readonly pid: number;
  readonly started: number;
  /** The parent is a thread of this very process: it cannot be gone while we run. */
  readonly isThread: boolean;
}

type OwnIdentity = Pick<ChildIdentity, 'name' | 'daemon' | 'path' | 'logLevel' | 'logsToStderr'>;

const AUTHKEY_BYTES = 32;

class Self implements Identity {
  name: string;
  readonly daemon: boolean;
  readonly path: readonly number[];
  logLevel: number;
  logsToStderr: boolean;
  readonly parent: ParentIdentity | undefined;
  #authkey: Uint8Array | undefined;

  constructor(given: OwnIdentity, parent?: ParentIdentity, authkey?: Uint8Array) {
    this.name = given.name;
    this.daemon = given.daemon;
    this.path = given.path;
    this.logLevel = given.logLevel;
    this.logsToStderr = given.logsToStderr;
    this.parent = parent;
    this.#authkey = authkey;
  }

  get authkey(): Uint8Array {
    // Loading the module takes more than a millisecond, and a worker of a pool is never asked for its key.
    this.#authkey ??= (require('node:crypto') as typeof import('node:crypto')).randomBytes(AUTHKEY_BYTES);
    return this.#authkey;
  }

  set authkey(key: Uint8Array) {
    this.#authkey = key;
  }
}

let self: Identity | undefined;
let lastChild = 0;

/** This environment; the program itself until `becomeChild` says otherwise. */
export function identity(): Identity {
  self ??= new Self({ name: 'MainProcess', daemon: false, path: [], logLevel: 0, logsToStderr: false });
  return self;
}

/** Used once by the entry of a child, before anything asks. */
export function becomeChild(given: ChildIdentity, authkey?: Uint8Array): void {
  const parent = {
    name: given.parentName,
    pid: given.parentPid,
    started: given.parentStarted,
    isThread: given.parentPid === process.pid,
  };
  self = new Self(given, parent, authkey);
}

/** The path of the next child. */
export function nextChildPath(): readonly number[] {
  lastChild += 1;
  return [...identity().path, lastChild];
}
