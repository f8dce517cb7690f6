// One contestant in a process of its own: opens cases and runs rounds as bench/contestant.mjs tells it by lines of JSON.
import { createInterface } from 'node:readline';

const [program, peer, kind, way] = process.argv.slice(2);
const theirs = await import(`./${program}`);
let session;

const commands = {
  async open({ file, quick }) {
    const { default: definition } = await import(file);
    session = await definition.start({
      /** A pool of two workers. */
      open: (...options) => theirs.open(kind, 2, ...options),
      /** What else the contestant's module exports. */
      use: (name, options) => theirs[name]({ kind, way, ...options }),
      peer,
      kind,
      way,
      quick,
    });
  },
  round: () => session.round(),
  async close() {
    await session.close?.();
    session = undefined;
  },
  exit: () => process.exit(0),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...options } = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await commands[command](options)) ?? null };
  } catch (error) {
    answer = { error: String(error?.stack ?? error) };
  }
  process.stdout.write(`@${JSON.stringify(answer)}\n`);
}
