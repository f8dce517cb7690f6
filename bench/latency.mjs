// The way of a message of 64 bytes: half of its way there and back.
import { expect } from './expect.mjs';
import { blank, setNumber } from './numbered.mjs';
import { pingPong } from './ping-pong.mjs';

const SIZE = 64;

/** What is sent and what must come back: bytes, or as many letters where bytes do not survive. */
export function message64(way) {
  if (way === 'json') {
    return {
      send: (n) => String(n).padStart(SIZE, '.'),
      check: (answer, n) => expect(answer, String(n).padStart(SIZE, '.')),
    };
  }
  const message = blank(SIZE);
  return {
    send(n) {
      setNumber(message, n);
      return message;
    },
    check(answer, n) {
      if (answer.length !== SIZE || answer[0] !== (n & 0xff) || answer[SIZE - 1] !== message[SIZE - 1]) {
        throw new Error(`message ${n} came back changed`);
      }
    },
  };
}

/** Microseconds. */
export async function latency({ use, way, quick }) {
  const { send, check } = message64(way);
  const { trips, close } = await pingPong({ use, way }, send, check);
  const count = quick ? 10 : 5000;
  await trips(count);
  return { round: async () => (await trips(count)).map((seconds) => (seconds / 2) * 1e6), close };
}
