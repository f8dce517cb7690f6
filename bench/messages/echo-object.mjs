// An object of five fields to the other side and back.
import { ours, oursBlocking, processes, python, threads } from '../channels/contestants.mjs';
import { pingPong } from '../ping-pong.mjs';

const record = (id) => ({ id, name: 'Ann', city: 'Berlin', active: true, score: 1.37 });

function check(answer, id) {
  const { name, city, active, score } = answer;
  if (answer.id !== id || name !== 'Ann' || city !== 'Berlin' || !active || score !== 1.37) {
    throw new Error(`object ${id} came back changed`);
  }
}

export default {
  title: 'Object of 5 fields, there and back',
  unit: 'us',
  better: 'lower',
  bar: { limit: 5, kind: 'process' },
  contestants: [
    ...ours('Queue', 'Pipe'),
    ...oursBlocking('Queue', 'Pipe'),
    ...processes('json', 'advanced'),
    ...threads('port', 'broadcast'),
    ...python('Queue', 'SimpleQueue', 'Pipe'),
  ],
  async start({ use, way, quick }) {
    const { trips, close } = await pingPong({ use, way }, record, check);
    const count = quick ? 10 : 5000;
    await trips(count);
    return { round: async () => (await trips(count)).map((seconds) => seconds * 1e6), close };
  },
};
