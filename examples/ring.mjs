// A ring of processes joined by pipes: a token goes round and round, and the end of file, which goes round once, ends them.
import assert from 'node:assert';
import { Pipe, Process } from 'manyhands';

const members = 4;
const rounds = 2_000;
const pipes = Array.from({ length: members + 1 }, () => Pipe({ duplex: false }));
const first = pipes[0][1];
const last = pipes[members][0];

async function pass(member, reader, writer) {
  for await (const token of reader) {
    token.hops++;
    token.sum += member;
    await writer.send(token);
  }
}

const ring = Array.from({ length: members }, (_, i) => {
  const ends = [pipes[i][0], pipes[i + 1][1]];
  return { ends, member: new Process({ name: `member ${i}`, target: pass, args: [i, ...ends], daemon: true }) };
});
for (const { member, ends } of ring) {
  await member.start();
  for (const end of ends) end.close(); // only the member has it now
}

let token = { hops: 0, sum: 0 };
const round = async () => {
  await first.send(token);
  token = await last.recv();
};
await round(); // by then all have started
const begin = performance.now();
for (let n = 1; n < rounds; n++) await round();
const seconds = (performance.now() - begin) / 1000;
assert.deepStrictEqual(token, { hops: rounds * members, sum: (rounds * members * (members - 1)) / 2 });

first.close();
await assert.rejects(last.recv(), { code: 'ERR_EOF' });
assert.deepStrictEqual(await Promise.all(ring.map(({ member }) => member.join())), Array(members).fill(0));
const messages = (rounds - 1) * (members + 1);
console.log(`${token.hops} hops through ${members} processes, ${Math.round(messages / seconds)} messages per second`);
