// Looks again after a while, without being told: soon while something happens, ever more rarely while nothing does.
import { clearTimeout, setTimeout } from '../memory/timers.js';

const SHORTEST_MS = 2;
// Fifteen looks a second of a few microseconds each: tasks of seconds cost their pool no measurable CPU.
const LONGEST_MS = 64;

export class Glance {
  readonly #look: () => void;
  #timer: NodeJS.Timeout | undefined;
  #waitMs = SHORTEST_MS;

  /** `look` asks for the next look itself, by `soon` or `later`. */
  constructor(look: () => void) {
    this.#look = look;
  }

  /** Something was sent or found: more may follow. */
  soon(): void {
    if (this.#timer !== undefined && this.#waitMs === SHORTEST_MS) return;
    this.stop();
    this.#waitMs = SHORTEST_MS;
    this.later();
  }

  /** Nothing was found; each time in a row the wait is twice as long. */
  later(): void {
    // The pending calls keep the program alive, not the looks for their results.
    this.#timer ??= setTimeout(this.#turn, this.#waitMs).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #turn = (): void => {
    this.#timer = undefined;
    this.#waitMs = Math.min(LONGEST_MS, this.#waitMs * 2);
    this.#look();
  };
}
