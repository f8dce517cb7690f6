// One contestant in a process of its own: opens cases and runs rounds as bench/contestant.mjs tells it by lines of JSON.
import { createInterface } from 'node:readline';

const [peer, kind] = process.argv.slice(2);
const { open } = await import(`./peers/${peer}.mjs`);
let session;

const commands = {
  async open({ name, quick }) {
    const { default: definition } = await import(`./cases/${name}.mjs`);
    session = await definition.start({ open: (...options) => open(kind, 2, ...options), peer, kind, quick });
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
