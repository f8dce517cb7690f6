// Objects of this library that travel as handles: the one place where the codec learns to tell and to revive them.
import { describe, Uncloneable } from './uncloneable.js';

/** What an object is on its way. */
export interface Ticket {
  /** Which class makes an object of it again. */
  readonly kind: number;
  /** Names the shared object everywhere in the tree of processes, and in no other tree; exact as a double. 0: it has a `name` instead. */
  readonly handle: number;
  /** A name that the system knows; nobody holds what it means. */
  readonly name?: string;
  /** Other shared objects that it is made of: a message that carries it carries them too. */
  readonly parts?: readonly number[];
  /** Shared objects that it only knows of. */
  readonly mentions?: readonly number[];
}

/** On an ArrayBuffer that is the memory of an object that travels: that object. */
export const OWNER = Symbol('manyhands.owner');
/** On an object that travels and has memory to look at: its ArrayBuffer. */
export const MEMORY = Symbol('manyhands.memory');

/** Who travels in place of the memory, so that a view of it is one of the same memory where it arrives. */
export function ownerOf(buffer: ArrayBuffer): object | undefined {
  const owner = (buffer as { [OWNER]?: object })[OWNER];
  return owner !== undefined && MEMORY in owner ? owner : undefined;
}

const EVERYWHERE = Symbol.for('manyhands.travellers');
let everywhere: WeakSet<object> | undefined;

/** What travels of all loads of this package in this thread, from whatever file they came. */
function ofAllLoads(): WeakSet<object> {
  const shared = process as { [EVERYWHERE]?: WeakSet<object> };
  everywhere ??= shared[EVERYWHERE];
  if (everywhere !== undefined) return everywhere;
  everywhere = new WeakSet();
  Object.defineProperty(process, EVERYWHERE, { value: everywhere });
  return everywhere;
}

/** Lets other loads of the package tell an object that travels from one of the user's. */
export function showTraveller(object: object): void {
  ofAllLoads().add(object);
}

const ownTickets = new WeakMap<object, Ticket>();

/** Lets an object travel of which each environment has one of its own: it arrives as that. */
export function ownTraveller(object: object, kind: number): void {
  ownTickets.set(object, { kind, handle: 0, name: '' });
  showTraveller(object);
}

export function ownTicket(object: object): Ticket | undefined {
  return ownTickets.get(object);
}

/** Whether an object travels in some load of the package, this one or another. */
export function isTravellerSomewhere(object: object): boolean {
  return ofAllLoads().has(object);
}

/**
 * Throws Uncloneable for an object that travels but has no ticket here: it is of another load of the package, where its
 * number may mean something else. (What is encoded never leaves the memory that its numbers are of, so on the way they need
 * no mark of that.)
 */
export function refuseStranger(object: object): void {
  if (!isTravellerSomewhere(object)) return;
  throw new Uncloneable(`${describe(object)} of another load of manyhands`, 'load the package once in each thread');
}

export interface Travellers {
  /** The ticket of an object that travels; a text says why this one cannot; undefined for every other object. */
  ticketOf(object: object): Ticket | string | undefined;
  /** The object of this environment for a handle that came in a message; the same one when it is here already. */
  revive(ticket: Ticket): object;
}

let travellers: Travellers | undefined;

export function registerTravellers(port: Travellers): void {
  travellers = port;
}

/** Throws Uncloneable for one that is closed. */
export function ticketOf(object: object): Ticket | undefined {
  const ticket = travellers?.ticketOf(object);
  if (typeof ticket === 'string') throw new Uncloneable(ticket);
  return ticket;
}

/** Why an object did not come to life again: no damage of the encoded bytes. */
export class ReviveFailure {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

/** Undefined where nobody knows handles; throws ReviveFailure. */
export function revive(ticket: Ticket): object | undefined {
  try {
    return travellers?.revive(ticket);
  } catch (error) {
    throw new ReviveFailure(error);
  }
}
