// The start of a child, from the call to the first line that runs in it, by the clock of the system.

/** Milliseconds of each start; everybody has started one before. */
export async function firstLines({ use, quick }) {
  const start = await use('starter');
  await start();
  return {
    async round() {
      const times = [];
      for (let n = 0; n < (quick ? 1 : 10); n++) times.push(await start());
      return times;
    },
  };
}
