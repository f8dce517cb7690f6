// Objects of this environment that stand for shared objects of the arena: each holds its object until it is closed.
import { StateError } from '../../errors.js';
import { registerTravellers, type Ticket } from '../codec/travellers.js';
import { registerTraveller } from '../function/travellers.js';
import { arena } from '../memory/arena.js';
import { KIND_NAMES, loadKind } from './kinds.js';

/** What the constructor of a class gets when a handle arrives, in place of its public arguments. */
export class Arrival {
  readonly number: number;

  constructor(number: number) {
    this.number = number;
  }
}

const handles = new WeakMap<object, Handle>();
/** The one object here for each shared object. */
const homes = new Map<number, WeakRef<object>>();

// Memory only: nothing waits for it. An object that came again meanwhile holds the same bit, and keeps it.
const forgotten = new FinalizationRegistry<number>((number) => {
  if (homes.get(number)?.deref() !== undefined) return;
  homes.delete(number);
  letGo(number);
});

function letGo(number: number): void {
  try {
    arena().native.letGo(number);
  } catch (error) {
    // This environment has left the arena, and all it held with it.
    if ((error as { code?: string }).code !== 'ERR_NO_PARTICIPANT') throw error;
  }
}

/** The hold that an object of this environment has on a shared object. */
export class Handle implements Ticket {
  readonly kind: number;
  readonly handle: number;
  #open = true;

  /** The number must be held by this environment already. */
  constructor(owner: object, kind: number, number: number) {
    this.kind = kind;
    this.handle = number;
    handles.set(owner, this);
    homes.set(number, new WeakRef(owner));
    forgotten.register(owner, number, this);
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** The number, for an operation. Throws StateError when it is closed. */
  get(): number {
    if (!this.#open) throw new StateError(`The ${KIND_NAMES[this.kind] ?? 'object'} is closed`);
    return this.handle;
  }

  /** Lets go; false when it was closed before. */
  close(): boolean {
    if (!this.#open) return false;
    this.#open = false;
    forgotten.unregister(this);
    homes.delete(this.handle);
    letGo(this.handle);
    return true;
  }
}

type Constructor = new (arrival: Arrival) => object;

/** Where handles of a kind become objects; the codec's side of it is `travellers.ts`. */
function revive({ kind, handle }: Ticket): object {
  const home = homes.get(handle)?.deref();
  if (home !== undefined) return home;
  // The kind's class takes an Arrival beside its public arguments.
  const Class = loadKind(kind) as Constructor;
  arena().native.hold(handle);
  return new Class(new Arrival(handle));
}

registerTravellers({
  ticketOf: (object) => {
    const handle = handles.get(object);
    if (handle === undefined || handle.isOpen) return handle;
    return `a ${KIND_NAMES[handle.kind] ?? 'handle'} that is closed`;
  },
  revive,
});
registerTraveller((object) => handles.has(object));
