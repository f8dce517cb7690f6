// A bank in shared memory: tellers move money under two locks, some are killed at random, and the total never changes.
import assert from 'node:assert';
import { setTimeout as delay } from 'node:timers/promises';
import { Event, Lock, Process, Queue, SharedArray, Value } from 'manyhands';

const accounts = 6;
const tellers = 3;
const total = accounts * 1_000;
const money = new SharedArray('int32', Array(accounts).fill(total / accounts), { lock: false });
const locks = Array.from({ length: accounts }, () => new Lock());
// A row for each teller's transfer: 1 while it is half done, then both accounts, each with what was in it before.
const journal = new SharedArray('int32', 5 * 200, { lock: false });
const transfers = new Value('int32');
const repairs = new Value('int32');
const present = new Queue();
const closing = new Event();

// Whoever gets the lock of an account from the dead puts back there what was in it before a transfer that is half done.
function repair(account) {
  const { array } = journal;
  for (let row = 0; row < array.length; row += 5) {
    for (const side of [row + 1, row + 3]) {
      if (array[row] !== 1 || array[side] !== account) continue;
      money.array[account] = array[side + 1];
      array[side] = -1;
      repairs.add(1);
    }
  }
}

function holding(account, work) {
  const lock = locks[account];
  return lock.run(() => {
    if (lock.ownerDied) repair(account);
    return work();
  });
}

async function transfer(row, from, to) {
  const { array } = journal;
  const amount = Math.floor(Math.random() * (money.array[from] + 1));
  array.set([from, money.array[from], to, money.array[to]], row + 1);
  Atomics.store(array, row, 1);
  money.array[from] -= amount;
  await delay(2 * Math.random()); // here most of them die
  money.array[to] += amount;
  Atomics.store(array, row, 0);
  transfers.add(1);
}

async function serve(row) {
  await present.put(row);
  while (!closing.isSet()) {
    const from = Math.floor(Math.random() * accounts);
    const to = (from + 1 + Math.floor(Math.random() * (accounts - 1))) % accounts;
    // The lower one first: so no two tellers wait for each other.
    await holding(Math.min(from, to), () => holding(Math.max(from, to), () => transfer(row, from, to)));
  }
}

const staff = [];
let hired = 0;
async function hire() {
  const teller = new Process({ target: serve, args: [5 * hired++], daemon: true });
  await teller.start();
  await present.get({ timeout: 30_000 });
  staff.push(teller);
}
const audit = (account = 0) =>
  account < accounts ? holding(account, () => audit(account + 1)) : money.array.reduce((sum, amount) => sum + amount);

for (let n = 0; n < tellers; n++) await hire();
while (repairs.value < 8) {
  await delay(50 * Math.random());
  const [victim] = staff.splice(Math.floor(Math.random() * tellers), 1);
  victim.kill();
  assert.strictEqual(await victim.join(), -9);
  assert.strictEqual(await audit(), total);
  await hire();
}
closing.set();
assert.deepStrictEqual(await Promise.all(staff.map((teller) => teller.join())), Array(tellers).fill(0));
assert.strictEqual(await audit(), total);
const story = `${hired} tellers: ${hired - tellers} were killed, and ${repairs.value} balances put back`;
console.log(`${total} in the bank as at first, after ${transfers.value} transfers by ${story}`);
