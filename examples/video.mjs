// A video pipeline: one process decodes a film, three draw the edges in its frames, and a bounded queue holds the decoder back.
import assert from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ffmpeg from '@ffmpeg-installer/ffmpeg';
import { Process, Queue } from 'manyhands';

// Ten seconds of "Sintel", (c) Blender Foundation, durian.blender.org, CC BY 3.0.
const clip = fileURLToPath(new URL('../node_modules/mux.js/test/segments/sintel-captions.ts', import.meta.url));
const [width, height] = [400, 170];
const raw = ['-loglevel', 'error', '-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${width}x${height}`];

async function* decoded() {
  const decoder = spawn(ffmpeg.path, ['-i', clip, ...raw, '-'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(decoder, 'close');
  let bytes = Buffer.alloc(0);
  for await (const piece of decoder.stdout) {
    bytes = Buffer.concat([bytes, piece]);
    for (; bytes.length >= width * height; bytes = bytes.subarray(width * height))
      yield bytes.subarray(0, width * height);
  }
  assert.deepStrictEqual(await closed, [0, null]);
}

// Sobel's filter: how fast the brightness changes, from left to right and from top to bottom.
function edges(pixels) {
  const drawing = Buffer.alloc(pixels.length);
  for (let at = width + 1; at < pixels.length - width - 1; at++) {
    const [above, below] = [at - width, at + width];
    const falling = pixels[below + 1] - pixels[above - 1];
    const rising = pixels[above + 1] - pixels[below - 1];
    const across = rising + falling + 2 * (pixels[at + 1] - pixels[at - 1]);
    drawing[at] = Math.min(255, Math.hypot(across, falling - rising + 2 * (pixels[below] - pixels[above])));
  }
  return drawing;
}

const frames = new Queue(8);
const drawings = new Queue(8);
async function decode() {
  let number = 0;
  for await (const pixels of decoded()) await frames.put({ number: number++, pixels });
}
async function draw() {
  for await (const { number, pixels } of frames) await drawings.put({ number, drawing: edges(pixels) });
}
const decoder = new Process({ target: decode, daemon: true });
const artists = Array.from({ length: 3 }, () => new Process({ target: draw, daemon: true }));
for (const child of [decoder, ...artists]) await child.start();
// However they end, nobody waits for them any longer.
const ends = [
  decoder.join().finally(() => frames.shutdown()),
  Promise.all(artists.map((artist) => artist.join())).finally(() =>
    [frames, drawings].map((queue) => queue.shutdown()),
  ),
];
const film = [];
for await (const { number, drawing } of drawings) film[number] = drawing; // they come in any order
assert.deepStrictEqual(await Promise.all(ends), [0, [0, 0, 0]]);

const alone = [];
for await (const pixels of decoded()) alone.push(edges(pixels));
assert.strictEqual(film.length, alone.length);
assert(Buffer.concat(film).equals(Buffer.concat(alone)));

// Every 20th frame on one picture; to look at it: node examples/video.mjs sheet.png
const chosen = film.filter((_, number) => number % 20 === 0).slice(0, 12);
const png = ['-vf', 'tile=3x4', '-f', 'image2pipe', '-c:v', 'png', '-'];
const sheet = execFileSync(ffmpeg.path, [...raw, '-i', '-', ...png], { input: Buffer.concat(chosen) });
assert.deepStrictEqual([sheet.readUInt32BE(16), sheet.readUInt32BE(20)], [3 * width, 4 * height]);
if (process.argv[2] !== undefined) writeFileSync(process.argv[2], sheet);
const checksum = createHash('sha256').update(Buffer.concat(film)).digest('hex');
console.log(`${film.length} frames drawn by three processes as by one alone: sha256 ${checksum}`);
