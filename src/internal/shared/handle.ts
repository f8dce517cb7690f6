// Objects of this environment that stand for shared objects of the arena: each holds its object until it is closed.
import { StateError } from '../../errors.js';
import {
  isTravellerSomewhere,
  ownTicket,
  registerTravellers,
  showTraveller,
  type Ticket,
} from '../codec/travellers.js';
import { registerTraveller } from '../function/travellers.js';
import { arena } from '../memory/arena.js';
import { kindBytes, kindName, loadKind } from './kinds.js';
import { namedHome, namedTicket } from './named.js';

/** What the constructor of a class gets when a handle arrives, in place of its public arguments. */
export class Arrival {
  readonly number: number;
  readonly parts: readonly number[];
  readonly mentions: readonly number[];
  readonly name: string;

  constructor({ handle, name = '', parts = [], mentions = [] }: Ticket) {
    this.number = handle;
    this.name = name;
    this.parts = parts;
    this.mentions = mentions;
  }
}

const handles = new WeakMap<object, Handle>();
/** The one object here for each shared object, by kind and number: several kinds may stand for one shared object. */
const homes = new Map<string, WeakRef<object>>();
/** How many handles of this environment share its one hold on a shared object. */
const sharers = new Map<number, number>();
/**
 * What was forgotten here while it was acquired, or while tasks of it were in hand: others get that when this environment
 * ends.
 */
const acquired = new Set<number>();

const homeOf = (kind: number, number: number): string => `${kind} ${number}`;

// Memory only: nothing waits for it. An object that came again meanwhile holds the same bit, and keeps it.
const forgotten = new FinalizationRegistry<Hold>(({ home, release, bytes }) => {
  if (homes.get(home)?.deref() === undefined) homes.delete(home);
  weigh(-bytes);
  release();
});

interface Hold {
  readonly home: string;
  readonly release: () => void;
  readonly bytes: number;
}

/** V8 is told in steps of so many bytes: telling it takes longer than the rest of a handle. */
const STEP_BYTES = 1 << 20;
let untoldBytes = 0;

/** Without it V8 sees a small object, and forgotten ones take gigabytes before it looks for any. */
function weigh(bytes: number): void {
  untoldBytes += bytes;
  if (Math.abs(untoldBytes) < STEP_BYTES) return;
  arena().native.weigh(untoldBytes);
  untoldBytes = 0;
}

/**
 * One handle less; the last one ends the hold of this environment on the shared object. False when it goes on, because
 * something of it was acquired here.
 */
export function letGo(number: number): boolean {
  const left = (sharers.get(number) ?? 1) - 1;
  if (left > 0) {
    sharers.set(number, left);
    return true;
  }
  sharers.delete(number);
  const ended = endHold(number);
  // Perhaps nobody else knows the oldest ones any more; a few each time, so that it costs little however many there are.
  let tries = 2;
  for (const other of acquired) {
    if (tries-- === 0) break;
    if (other !== number) endHold(other);
  }
  return ended;
}

function endHold(number: number): boolean {
  acquired.delete(number);
  try {
    const ended = arena().native.letGo(number) !== 0;
    if (!ended) acquired.add(number);
    return ended;
  } catch (error) {
    // This environment has left the arena, and all it held with it.
    if ((error as { code?: string }).code !== 'ERR_NO_PARTICIPANT') throw error;
    return true;
  }
}

/** The handle of an object that has one. */
export function handleOf(object: object): Handle | undefined {
  return handles.get(object);
}

interface HandleOptions extends Partial<Pick<Ticket, 'parts' | 'mentions'>> {
  /** What it takes in the arena beyond others of its kind. */
  bytes?: number;
  stays?: string | undefined;
}

/** The hold that an object of this environment has on a shared object. */
export class Handle implements Ticket {
  readonly kind: number;
  readonly handle: number;
  readonly parts: readonly number[];
  readonly mentions: readonly number[];
  /** Why it cannot be sent, behind the name of its kind. */
  readonly stays: string | undefined;
  readonly #release: () => void;
  readonly #bytes: number;
  #open = true;

  /**
   * The number must be held by this environment already. `release` ends the hold, also when the owner was forgotten: it
   * must not refer to it.
   */
  constructor(
    owner: object,
    kind: number,
    number: number,
    { parts = [], mentions = [], bytes = 0, stays }: HandleOptions = {},
    release: () => void = () => void letGo(number),
  ) {
    this.kind = kind;
    this.handle = number;
    this.parts = parts;
    this.mentions = mentions;
    this.stays = stays;
    this.#release = release;
    handles.set(owner, this);
    showTraveller(owner);
    const home = homeOf(kind, number);
    acquired.delete(number);
    sharers.set(number, (sharers.get(number) ?? 0) + 1);
    homes.set(home, new WeakRef(owner));
    this.#bytes = kindBytes(kind) + bytes;
    forgotten.register(owner, { home, release, bytes: this.#bytes }, this);
    weigh(this.#bytes);
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** The number, for an operation. Throws StateError when it is closed. */
  get(): number {
    if (!this.#open) throw new StateError(`The ${kindName(this.kind)} is closed`);
    return this.handle;
  }

  /** Lets go; false when it was closed before. */
  close(): boolean {
    if (!this.#open) return false;
    this.#open = false;
    forgotten.unregister(this);
    homes.delete(homeOf(this.kind, this.handle));
    weigh(-this.#bytes);
    this.#release();
    return true;
  }
}

type Constructor = new (arrival: Arrival) => object;

/** The object of this environment for a handle that is held or carried. */
export function objectOf(kind: number, handle: number): object {
  return revive({ kind, handle });
}

/**
 * Where handles of a kind become objects; the codec's side of it is `travellers.ts`. Children load it with the first handle.
 *
 * @internal
 */
export function revive(ticket: Ticket): object {
  const { kind, handle, name } = ticket;
  const home = name === undefined ? homes.get(homeOf(kind, handle))?.deref() : namedHome(kind, name);
  if (home !== undefined) return home;
  const loaded = loadKind(kind);
  if (typeof loaded === 'object' && loaded !== null) return loaded;
  // The kind's class takes an Arrival beside its public arguments.
  const Class = loaded as Constructor;
  if (name === undefined) arena().native.hold(handle);
  return new Class(new Arrival(ticket));
}

function ticketOf(object: object): Ticket | string | undefined {
  const handle = handles.get(object);
  const named = handle === undefined ? namedTicket(object) : undefined;
  const ticket = handle ?? named?.ticket;
  if (ticket === undefined) return ownTicket(object);
  if ((handle?.isOpen ?? named?.isOpen()) === true)
    return handle?.stays === undefined ? ticket : `a ${kindName(ticket.kind)} ${handle.stays}`;
  return `a ${kindName(ticket.kind)} that is closed`;
}

registerTravellers({ ticketOf, revive });
// Those of other loads, too: the codec says why it refuses them.
registerTraveller(isTravellerSomewhere);
