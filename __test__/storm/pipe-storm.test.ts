// Pipes whose ends die: the survivor gets, in order, all that was sent, then the end of file; its sends fail; nobody waits for the dead.
import { expect, test } from 'vitest';
import { Pipe, Queue, type Connection } from 'manyhands';
import { Cast, type Part } from './cast.ts';
import { message } from './fixtures/correspondents.cjs';
import { ownAt } from './fixtures/desk.cjs';
import { before, expectNothingLeft } from './leftovers.ts';
import { randomFrom, seed, type Random } from './random.ts';
import { DEATHS } from './scale.ts';

const KILLS = DEATHS.pipe;
const MESSAGES_PER_TURN = 32;

/** What this process does at its end of the pipe to a member; the siblings have a pipe between them. */
type Here = 'receives' | 'sends' | 'asks' | 'nothing';

const PARTS: readonly (Part & { readonly here: Here })[] = [
  { method: 'thread', role: 'sends', here: 'receives' },
  { method: 'thread', role: 'sendsBlocked', here: 'receives' },
  { method: 'thread', role: 'receives', here: 'sends' },
  { method: 'thread', role: 'echoesBlocked', here: 'asks' },
  { method: 'spawn', role: 'echoes', here: 'asks' },
  { method: 'thread', role: 'sendsToSibling', here: 'nothing' },
  { method: 'thread', role: 'receivesFromSibling', here: 'nothing' },
];
const SIBLINGS = [5, 6] as const;

/** This process's side of one life of a member. */
class Correspondence {
  received = 0;
  sent = 0;
  readonly ended: Promise<void>;
  readonly #wrong: string[];

  constructor(end: Connection, here: Here, wrong: string[]) {
    this.#wrong = wrong;
    this.ended = this.#work(end, here).then(
      () => end.close(),
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ERR_EOF' && error.code !== 'EPIPE') wrong.push(error.message);
        end.close();
      },
    );
  }

  async #work(end: Connection, here: Here): Promise<void> {
    for (;;) {
      if (here !== 'receives') {
        await end.send(message(this.sent));
        this.sent++;
        // What can be sent at once leaves no turn to anything else.
        if (this.sent % MESSAGES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      if (here !== 'sends') {
        const { number } = (await end.recv()) as ReturnType<typeof message>;
        if (number !== this.received) this.#wrong.push(`message ${number} came in place of ${this.received}`);
        this.received++;
      }
    }
  }

  /** After its end: the member had done so many steps when it died. */
  check(here: Here, steps: number): void {
    if (here === 'receives' && this.received < steps) this.#wrong.push(`${steps} were sent, ${this.received} received`);
    if (here !== 'receives' && this.sent < steps) this.#wrong.push(`${this.sent} were sent, ${steps} received`);
  }
}

interface Sums {
  readonly deaths: number;
  readonly wrong: readonly string[];
  readonly received: number;
  readonly sent: number;
}

async function round(deaths: number, random: Random): Promise<Sums> {
  const mailboxes = new Map(SIBLINGS.map((desk) => [desk as number, new Queue<Connection>()]));
  const current = new Map<number, { readonly theirs: Connection; readonly correspondence: Correspondence }>();
  const ends: Promise<void>[] = [];
  const sums = { received: 0, sent: 0 };

  const introduceSiblings = (): void => {
    const [reader, writer] = Pipe({ duplex: false });
    mailboxes.get(SIBLINGS[0])!.putNowait(writer);
    mailboxes.get(SIBLINGS[1])!.putNowait(reader);
    reader.close();
    writer.close();
  };
  const cast: Cast = new Cast({
    module: 'correspondents.cjs',
    parts: PARTS,
    shared: (desk) => {
      const { here } = PARTS[desk]!;
      const mailbox = mailboxes.get(desk);
      if (mailbox !== undefined) return { mailbox };
      Atomics.store(cast.words.array, ownAt(desk), 0);
      const [ours, theirs] = Pipe();
      current.set(desk, { theirs, correspondence: new Correspondence(ours, here, cast.wrong) });
      return { end: theirs };
    },
    started: (desk) => current.get(desk)?.theirs.close(),
    died: ({ desk, isFollowed }) => {
      if (mailboxes.has(desk)) {
        if (isFollowed) introduceSiblings();
        return;
      }
      const { here } = PARTS[desk]!;
      const { correspondence } = current.get(desk)!;
      const steps = cast.word(ownAt(desk));
      ends.push(
        correspondence.ended.then(() => {
          correspondence.check(here, steps);
          sums.received += correspondence.received;
          sums.sent += correspondence.sent;
        }),
      );
    },
    random,
  });
  introduceSiblings();
  await cast.storm(deaths);
  await cast.calm(50);
  await cast.end(() => {
    for (const mailbox of mailboxes.values()) mailbox.shutdown();
  });
  await Promise.all(ends);
  for (const mailbox of mailboxes.values()) mailbox.close();
  return { deaths: cast.deaths, wrong: cast.wrong, ...sums };
}

test(`${KILLS} deaths at the ends of pipes, SEED=${seed}`, { timeout: 60_000 + KILLS * 200 }, async () => {
  const random = randomFrom(seed);
  const start = await before(() => round(3, random));
  const { deaths, wrong, received, sent } = await round(KILLS, random);
  console.log(
    `pipe storm: ${deaths} deaths, ${received} messages received and ${sent} sent, wrong ${wrong.length} (SEED=${seed})`,
  );
  expect(wrong).toEqual([]);
  expect(deaths).toBeGreaterThanOrEqual(KILLS);
  expect(Math.min(received, sent)).toBeGreaterThan(KILLS);
  await expectNothingLeft(start);
});
