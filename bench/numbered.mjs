// Messages of a stream: numbered, and filled so that a reader can check what it got without reading every byte each time.

const PRODUCER_AT = 4;
const FILLED_AT = 5;
const PAGE = 4096;

/** A message of `size` bytes; its number is still 0. */
export function blank(size, producer = 0) {
  const message = Uint8Array.from({ length: size }, (_, position) => (7 * position + 1) & 0xff);
  message[PRODUCER_AT] = producer;
  setNumber(message, 0);
  return message;
}

export function setNumber(message, number) {
  message[0] = number;
  message[1] = number >>> 8;
  message[2] = number >>> 16;
  message[3] = number >>> 24;
}

const numberOf = (message) => message[0] | (message[1] << 8) | (message[2] << 16) | (message[3] << 24);

/** The bytes that are looked at: one in each page, another one in each message, so that in time all are. */
function sumOf(message, number) {
  const step = Math.min(PAGE, message.length - FILLED_AT);
  let sum = message[PRODUCER_AT];
  for (let at = FILLED_AT + (number % step); at < message.length; at += step) sum += message[at];
  return sum;
}

/** Counts the messages of a stream, and checks their order and contents. */
export class Tally {
  count = 0;
  sum = 0;
  #last = [-1, -1];

  /** The next message of the only producer. How many have come with it. @throws when it is another one */
  take(message) {
    const number = numberOf(message);
    if (number !== this.count) throw new Error(`expected message ${this.count}, got ${number}`);
    this.sum += sumOf(message, number);
    return ++this.count;
  }

  /** One of several producers, of whose messages others take some. @throws when it comes out of order */
  takeAny(message) {
    const producer = message[PRODUCER_AT];
    const number = numberOf(message);
    if (!(number > this.#last[producer])) throw new Error(`message ${number} came behind ${this.#last[producer]}`);
    this.#last[producer] = number;
    this.sum += sumOf(message, number);
    this.count++;
  }
}

/** The sum of a tally over `count` messages of `size` bytes. */
export function sumOfStream(size, count, producer = 0) {
  const message = blank(size, producer);
  let sum = 0;
  for (let number = 0; number < count; number++) sum += sumOf(message, number);
  return sum;
}
