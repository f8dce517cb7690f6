// What the native addon exports: units, errors and cost of every function. Only types; `native.ts` loads the addon.
//
// Handles are plain numbers: a block (u32, byte offset in the arena / 256; 0 = none), a shared object such as a queue (52
// bits, never 0, never used again), an entry (a participant, 1..1023; 0 = none), a reservation (a child, see `reserve`). A
// wrong handle throws; it never crashes. Cost: one call is about 60-110 ns all in.
import type { NativeKernels } from './native-kernels.js';
import type { NativeOperations } from './native-operations.js';

/** What the core throws: an `Error` with one of these codes. */
export type NativeErrorCode =
  | 'ERR_ARENA_FULL' // no room and the arena cannot grow (address space, memory)
  | 'ERR_TOO_LARGE' // more than any arena can hold
  | 'ERR_BAD_BLOCK' // not a block, or a range outside of it
  | 'ERR_NOT_OWNER' // the block belongs to another participant
  | 'ERR_BAD_HANDLE' // not a shared object or native value of this kind, or it has ended
  | 'ERR_SHUT_DOWN' // the queue takes no more, or nothing is left in it
  | 'ERR_BAD_CAPACITY'
  | 'ERR_BAD_ENTRY' // no entry of that number, or not reserved for who wants to join
  | 'ERR_TABLE_FULL' // more than 1023 participants
  | 'ERR_CORRUPT' // the arena holds what no correct peer writes
  | 'ERR_NOT_AN_ARENA'
  | 'ERR_NO_ARENA' // createArena/attachArena was not called in this process
  | 'ERR_NO_PARTICIPANT' // join was not called in this thread, or it has left
  | 'ERR_NO_WINDOW' // this engine allows no external ArrayBuffers
  | 'ERR_BAD_PROGRAM' // words that are no program
  | 'ERR_BAD_ARRAY'
  | 'ERR_DETACHED'
  | 'ERR_MISMATCH' // arrays of other kinds or lengths than the program's, or not aligned
  | 'ERR_SYSTEM'; // the operating system refused; the message says why

/** The layout, so that TypeScript never retypes an offset. Words are 32-bit indices into a block's header. */
export interface NativeConstants {
  /** Bytes of one window of `segment`. */
  readonly segmentBytes: number;
  readonly unitBytes: number;
  /** Block handle * granuleBytes = byte offset in the arena. */
  readonly granuleBytes: number;
  /** Bytes of a block's header; the payload follows. */
  readonly headerBytes: number;
  /** Sizes of small blocks, header included. Larger blocks are whole units. */
  readonly classBytes: readonly number[];
  /** Blocks up to this size (header included) never cross a segment: one window shows all of them. */
  readonly unsplitBytes: number;
  /** Size of the block in granules, header included; written by `alloc`. */
  readonly sizeWord: number;
  /** Payload bytes in use: yours, zeroed by `alloc`. */
  readonly lengthWord: number;
  /** Next block of the message, 0 = last; zeroed by `alloc`. */
  readonly nextWord: number;
  /** `leasedFlag`, attempts; zeroed by `alloc`. */
  readonly flagsWord: number;
  /** First word that is free for you (up to word 15); zeroed by `alloc`, the words behind it are not. */
  readonly kindWord: number;
  /** Set in the flags of a message's first block: consumers only borrow it, the producer stays owner. */
  readonly leasedFlag: number;
  /** `(flags >>> attemptShift) & 255` = deliveries whose consumer died before it finished. */
  readonly attemptShift: number;
  readonly maxParticipants: number;
  readonly maxCapacity: number;
  /** Most blocks in one message. */
  readonly maxChain: number;
}

/** Counts for tests and `stats()`. Walks over all blocks: milliseconds per GiB. */
export interface NativeStats {
  readonly segments: number;
  /** Entries in use: alive, reserved, or dead and not buried. */
  readonly participants: number;
  /** Shared objects in any state: queues, segments of queues. */
  readonly objects: number;
  readonly queues: number;
  /** Blocks owned by any participant, published messages included (a message counts for its producer until taken). */
  readonly blocks: number;
  readonly bytes: number;
  readonly ownBlocks: number;
  readonly ownBytes: number;
}

/** The native addon. */
export interface NativeApi extends NativeKernels, NativeOperations {
  constants(): NativeConstants;

  // ---- arena: one per process, shared by all its threads

  /** Creates the arena of a process tree; returns its file descriptor. Idempotent. */
  createArena(): number;
  /** Attaches to an inherited arena and takes over the descriptor (sets close-on-exec). Idempotent. @throws ERR_NOT_AN_ARENA */
  attachArena(fd: number): void;
  /** The descriptor to pass to children by their `stdio`. */
  arenaFd(): number;
  /** A new external ArrayBuffer over a segment; cache it per environment. It stays valid until the process ends. Never `postMessage` it: that copies. ~2 us. */
  segment(index: number): ArrayBuffer;

  // ---- participants: one per environment (main thread or worker thread)

  /**
   * Reserves an entry for a child, process or thread, that this participant will spawn. The reservation, entry | life << 10,
   * names this one child, also when its entry has become another's. @throws ERR_TABLE_FULL
   */
  reserve(): number;
  /**
   * Becomes a participant: the one of a reservation, or (0) in any free entry. Leaves by itself at the end of the environment.
   * Returns the entry. @throws ERR_BAD_ENTRY when the reservation was taken back
   */
  join(reservation: number): number;
  /** This environment ends in good order from here on; one that ends without this was killed. */
  ending(): void;
  /** Leaves now: frees all own blocks, destroys own queues. */
  leave(): void;
  /** Read end of the own doorbell pipe (made at the first call); it is closed when the environment ends. */
  bellFd(): number;
  /** Event loop: calls the function after each ring, in place of the one before; until `keepListening` that keeps no program alive. */
  hearBell(callback: () => void): void;
  /** Keeps the event loop alive until it was called as often with `false`. */
  keepListening(keep: boolean): void;
  /** Write end of the own doorbell pipe, to be inherited by children (they pass it to `registerBell`). */
  bellWriteFd(): number;
  /** Uses a doorbell pipe that the parent made (`makeBell`) and of which this process inherited both ends; the write end is the addon's from now on. */
  adoptBell(readFd: number, writeFd: number): void;
  /** Parent: makes the doorbell pipe of a reserved child, which inherits both ends. Afterwards `closeFd(readFd)` here; `writeFd` is kept by the addon. */
  makeBell(reservation: number): { readFd: number; writeFd: number };
  /** Child: how to ring `entry` (its parent) by an inherited write end; owned by the addon from now on. Everybody else is found through /proc. */
  registerBell(entry: number, writeFd: number): void;
  closeFd(fd: number): void;
  /** Whether a child has left, or is dead by what the kernel says: lifeline free and process gone. One that has not joined has not ended. ~1 us. */
  hasEnded(reservation: number): boolean;
  /** Whether a child has not joined yet. */
  isReserved(reservation: number): boolean;
  /** A descriptor to list the threads of this process by, for `closeFd` later; -1 where the system does not tell of them. @throws ERR_SYSTEM when none is left */
  openThreads(): number;
  /** The system's ids of all threads of this process; empty where it does not tell. ~10 us. */
  threads(folder: number): number[];
  /** Whether no thread of this process has this id. False where the system does not tell. */
  threadIsGone(id: number): boolean;
  /** Ends this process without anything that Node does at the end; what it held goes with its death, as after SIGKILL. */
  exitNow(code: number): never;
  /** Blocks until process `pid` has ended, at most min(maxMs, 50) ms; true when it has. Does not reap. */
  waitExit(pid: number, maxMs: number): boolean;
  /** When the process with this pid started, in clock ticks since boot; 0 where that cannot be told. */
  startTime(pid: number): number;
  /** Whether the process that had this pid and start time has ended. ~5 us. */
  isGone(pid: number, started: number): boolean;
  /** -1 = running, or not a child, or reaped already; else exit code | (signal << 8). Does not reap. */
  childStatus(pid: number): number;
  /**
   * The child process of a reservation is killed, reaped and buried when this thread ends, even if it is terminated. One that takes
   * no part (0) and ends by itself with its pipe from this thread is waited for; so is one that `outlives` this thread, by
   * a native thread until it ends. For threads that end before their process.
   */
  ownChild(pid: number, reservation: number, outlives?: boolean): void;
  /** The end of that child is known. */
  disownChild(pid: number): void;
  /**
   * A child of this participant is known to be gone, whether it had joined or not: frees what it held, puts back what it had
   * taken, rings everybody; true when nothing of it is left. 0.1 ms, more for large arenas.
   */
  bury(reservation: number): boolean;
  /** The kernel kills this process when its parent (strictly: the parent's thread that spawned it) ends. False when `parentPid` is no longer the parent: exit then. */
  dieWithParent(parentPid: number): boolean;

  // ---- blocks

  /** A block for at least this many payload bytes. Words 1..5 of the header are reset, nothing else. @throws ERR_ARENA_FULL, ERR_TOO_LARGE */
  alloc(payloadBytes: number): number;
  /** Payload bytes the block can hold (or: header[sizeWord] * granuleBytes - headerBytes, without a call). */
  capacity(block: number): number;
  /** Frees a message: the block and all on its `next` chain. @throws ERR_NOT_OWNER */
  free(block: number): void;
  /** Frees this block alone. */
  release1(block: number): void;
  /** Becomes owner of one block if `expectedOwner` still is. */
  adopt(block: number, expectedOwner: number): boolean;
  /** Entry of the owner, 0 = nobody's: free, or no block begins there any more. */
  owner(block: number): number;
  /** An external ArrayBuffer over part of an own block's payload, without copying; freeing the block is left to its garbage collection. ~2 us. */
  view(block: number, byteOffset: number, byteLength: number): ArrayBuffer;
  /** Gives the memory of free large blocks back to the system, but for a little. Milliseconds per 100 MB. */
  trim(): void;
  /** Tells V8 of so many bytes that objects here hold in the arena, or hold no longer if it is negative. ~50 ns, but for a collection. */
  weigh(bytes: number): void;
  /** Copies payload bytes out, also across segments. ~200 ns + the copy. */
  read(block: number, offset: number, target: Uint8Array): void;
  /** Copies bytes into the payload. */
  write(block: number, offset: number, source: Uint8Array): void;

  // ---- shared objects: each lives while somebody holds it or a message carries it

  /**
   * Holds an object until `letGo` or until this participant has left or died; 1 = did not before. A handle must come from a
   * message that was not freed yet. Calls that use an object hold it too. @throws ERR_BAD_HANDLE
   */
  hold(handle: number): number;
  /** 1 = the shared object exists, held by us or not; it may end at any time. */
  exists(handle: number): number;
  /**
   * The last one ends the object. 0 = it is still held: we have acquired it, or have tasks of it in hand, and others know it,
   * who get that when we die; try again some time. @throws ERR_BAD_HANDLE when it was not held
   */
  letGo(handle: number): number;
  /**
   * An own message carries the handles listed at `offset` (a multiple of 8) in its payload: u32 count, u32 0, then the handles
   * as u64. They must be held. Until the message is freed the objects live. @throws ERR_BAD_HANDLE
   */
  carry(block: number, offset: number): void;

  // ---- queues: crash-safe, any number of producers and consumers, FIFO per producer, capacity exact

  /** Of exactly `capacity` messages, or without limit (0). Held by this participant. ~1 us. @throws ERR_BAD_CAPACITY, ERR_ARENA_FULL */
  queueCreate(capacity: number): number;
  /** The same, and counts what was put and is not done. Takes 25 KB more; ~3 us. */
  taskQueueCreate(capacity: number): number;
  /** One that was put is done. @throws ERR_NOT_HELD when all are */
  taskDone(queue: number): void;
  /** What this participant has in hand is done: it uses the queue no more. */
  tasksLeave(queue: number): void;
  /** 1 = all are done, or were since `joinBegin` gave `seen`. Up to 0.5 us, by the number of participants that used it. */
  tasksDone(queue: number, seen: number): number;
  /** How often none was seen unfinished. */
  taskZeros(queue: number): number;
  /** The same, for who begins to wait: a count after this one is of a moment after this call. */
  joinBegin(queue: number): number;
  /** Everybody's later calls throw ERR_BAD_HANDLE, sleepers are woken, and `letGo`. */
  queueDestroy(queue: number): void;
  /** Nobody puts any more (ERR_SHUT_DOWN), nobody takes once what is in it is taken. `immediate` discards that; returns how many. */
  queueShut(queue: number, immediate: boolean): number;
  /** 1 = published (the message is the queue's now; one sleeping consumer is woken), 0 = full. */
  put(queue: number, block: number): number;
  /** 0 = empty, else a message, owned by this participant, or still by its producer if leased. Wakes a waiting producer. */
  take(queue: number): number;
  /** Like `take`, but the message stays in the queue until `takeFinish`; if we die before, another consumer gets it. Read it only. */
  takeBegin(queue: number): number;
  /** Delivers the oldest message that `takeBegin` took from this queue, and returns it. */
  takeFinish(queue: number): number;
  /** An ArrayBuffer that nobody else has becomes the page of `send` and `receive`: see call-page.ts. */
  usePage(buffer: ArrayBuffer): void;
  /** Puts the message in the page. ~0.1 us. @throws ERR_SHUT_DOWN, also when the peer does not exist */
  readonly send: () => void;
  /** Takes a message into the page or, where it does not fit, begins to as `takeBegin` does; waits like `waitSlice`. ~0.1 us. */
  readonly receive: () => void;
  /** 1 = there is a message, or the queue is shut down. */
  queueReady(queue: number): number;
  /** 1 = a `put` would find it full. */
  queueFull(queue: number): number;
  /** Messages in it; exact when nobody else is active. */
  queueLength(queue: number): number;

  // ---- locks and their like: what a participant has goes back when it dies

  lockCreate(): number;
  /** 1 = acquired; 0 = somebody has it, perhaps we. */
  lockAcquire(handle: number): number;
  /** @throws ERR_NOT_HELD */
  lockRelease(handle: number): void;
  /** Entry of the owner, 0 = free; bit 16: the owner before died with it. */
  lockState(handle: number): number;
  semaphoreCreate(value: number, bounded: boolean): number;
  permitAcquire(handle: number): number;
  /** @throws ERR_NOT_HELD when a bounded semaphore has all its permits */
  permitRelease(handle: number): void;
  permits(handle: number): number;
  /** 1 = we have a permit whose owner before died with it. */
  permitOwnerDied(handle: number): number;
  eventCreate(): number;
  /** 1: up, and wakes everybody; 0: down. */
  eventSet(handle: number, up: number): void;
  eventIsSet(handle: number): number;
  /** How often it went up. */
  eventChanges(handle: number): number;
  /** A condition of a lock that is held; the lock lives as long. `kind` comes back from `linked`. */
  conditionCreate(lock: number, kind: number): number;
  linked(handle: number): { handle: number; kind: number };
  /** One more of us waits; the lock is still ours. */
  conditionBegin(handle: number): void;
  /** Notifications that we have and did not take. */
  conditionNotified(handle: number): number;
  /** 1 = took a notification; until then it is passed on if we die. */
  conditionTake(handle: number): number;
  /** One of us gives up; 1 = it was notified after all, and has that to take. */
  conditionGiveUp(handle: number): number;
  /** Notifies up to `count`; how many. */
  conditionNotify(handle: number, count: number): number;
  /** A block of ours (0: none) becomes part of it, to be read by `bodyOf`. */
  barrierCreate(parties: number, block: number): number;
  bodyOf(handle: number): number;
  /** `null` while the generation before is not through. @throws ERR_BROKEN */
  barrierArrive(handle: number): { generation: number; index: number } | null;
  /** None of us is inside any more. */
  barrierGoOn(handle: number): void;
  /** The last party lets its generation pass; 0 = it was broken meanwhile. */
  barrierPass(handle: number, generation: number): number;
  barrierBreak(handle: number): void;
  /** Breaks it unless the generation has ended; what became of that. */
  barrierGiveUp(handle: number, generation: number): number;
  barrierReset(handle: number): void;
  /** 0 = waiting, 1 = passed, 2 = broken. */
  barrierPassage(handle: number, generation: number): number;
  barrierState(handle: number): { parties: number; arrived: number; broken: boolean; changes: number };

  // ---- waiting

  /** Spins for at most min(maxMs, 20 us) until the object is probably ready: 1 = it is. Costs no garbage, unlike a turn of the event loop. */
  look(handle: number, side: number, seen: number, maxMs: number): number;
  /** Event loop: a byte will arrive at `bellFd()` when the object is ready. False = it is already; nothing is armed then. Call again after every wake. `side`: see SIDE in doorbell.ts. */
  arm(handle: number, side: number, seen: number): boolean;
  /** Takes back `arm`; a wake-up already on its way is passed on to another waiter. */
  disarm(handle: number, side: number, seen: number): void;
  /** 1 = that participant was last seen on the CPU that this thread is on. A hint. */
  beside(entry: number): number;
  /** Moves this thread to another CPU: 1 = it was moved, 0 = there is none, or the system does not let it. Takes some 20 us. */
  stepAside(): number;
  /** After a wake: no more bytes please, until the next `arm`. */
  drainBell(): void;
  /** Blocks this thread: spins up to 20 us if that has paid lately, then sleeps at most min(maxMs, 50) ms. True = probably ready. Call it through a JS function per slice, or `terminate()` is delayed. */
  waitSlice(handle: number, side: number, seen: number, maxMs: number): boolean;
  /** Buries every participant that is dead by kernel facts; how many. ~1 us for each that lives. */
  reap(): number;
  /** Wakes a participant, whatever it sleeps on. */
  ring(entry: number): void;

  // ---- mathematical functions over lanes

  /** Highest level of vector instructions here: 0 = the base of the platform, 1 = AVX2 with FMA, 2 = AVX-512. */
  kernelLevel(): number;
  /**
   * `out[i] = f(x[i], y[i])` on this thread, in a variant of function number `f` at a level. False: that variant or level is
   * not there, or lengths differ; `out` is untouched then.
   */
  evaluateMath(f: number, variant: number, level: number, x: Float64Array, y: Float64Array, out: Float64Array): boolean;
  /** Arguments to ask function number `f` over: all first ones, then as many second ones. Null: no such function. */
  mathProbes(f: number): Float64Array | null;
  /** Whether a variant at a level gives these results over `mathProbes(f)`. Null: it is not there. */
  mathMatches(f: number, variant: number, level: number, expected: Float64Array): boolean | null;

  // ---- memory of values and arrays

  /** Memory of `bytes` bytes, held by this participant and not zeroed. A lock (0: none) lives as long; `lockKind` is for `linked`. */
  memoryCreate(bytes: number, lock: number, lockKind: number): number;
  /** An ArrayBuffer over the bytes, without copying; valid while this participant holds the memory. ~2 us. */
  memoryWindow(memory: number): ArrayBuffer;

  // ---- shared memory with a name; a negative number is the system's error number

  /** A descriptor of `size` zeroed bytes that have no name yet; all pages exist. -ENOSPC: /dev/shm has no room. */
  shmPrepare(size: number): number;
  /** Gives prepared memory its name, 0; -EEXIST: another has it. */
  shmPublish(fd: number, name: string): number;
  /** A descriptor of existing memory; -ENOENT: there is none. */
  shmOpen(name: string): number;
  /** Removes a name, 0; -ENOENT: there is none. */
  shmUnlink(name: string): number;
  /** `inode` tells memory from a later one of the same name. */
  shmStat(fd: number): { readonly size: number; readonly inode: number } | number;
  /** An ArrayBuffer over the first `length` bytes, unmapped when no view is left; the descriptor may be closed. */
  shmMap(fd: number, length: number): ArrayBuffer | number;
  /** Takes its memory away from an ArrayBuffer: all its views have length 0 from now on. */
  detach(buffer: ArrayBuffer): void;
  // ---- the rest

  /** CPUs this process may use: affinity mask and cgroup quota counted. */
  availableCpus(): number;
  stats(): NativeStats;
  /** Test builds only (feature `crashpoints`): this participant kills itself at the nth visit of a step; 0 disarms. False = no such step. */
  crashPoint?(point: number, nth: number): boolean;
}
