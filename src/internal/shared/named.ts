// Objects that travel by a name of the system, such as shared memory: nobody holds them in the arena.
import { showTraveller, type Ticket } from '../codec/travellers.js';

interface Named {
  readonly ticket: Ticket;
  readonly isOpen: () => boolean;
}

const named = new WeakMap<object, Named>();
/** The one object here for each kind and name, as long as it is open. */
const homes = new Map<string, WeakRef<object>>();
const forgotten = new FinalizationRegistry<string>((key) => {
  if (homes.get(key)?.deref() === undefined) homes.delete(key);
});

const keyOf = (kind: number, name: string): string => `${kind} ${name}`;

/** Lets an object travel: where it arrives, the class of its kind gets an Arrival with the name. */
export function nameTraveller(owner: object, kind: number, name: string, isOpen: () => boolean): void {
  const key = keyOf(kind, name);
  named.set(owner, { ticket: { kind, handle: 0, name }, isOpen });
  showTraveller(owner);
  homes.set(key, new WeakRef(owner));
  forgotten.register(owner, key);
}

export function namedTicket(object: object): Named | undefined {
  return named.get(object);
}

/** The open object of this environment with this name. */
export function namedHome(kind: number, name: string): object | undefined {
  const home = homes.get(keyOf(kind, name))?.deref();
  return home !== undefined && named.get(home)?.isOpen() === true ? home : undefined;
}
