// Batch analysis of a real data set: the mean rating of each genre of film, one task per genre.
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { ThreadPool } from 'manyhands';

const file = new URL('../node_modules/vega-datasets/data/movies.json', import.meta.url);
const films = JSON.parse(readFileSync(file, 'utf8')).filter((film) => film['IMDB Rating'] !== null);
const byGenre = new Map();
for (const film of films) {
  const members = byGenre.get(film['Major Genre']) ?? [];
  byGenre.set(film['Major Genre'], [...members, film]);
}

function summary(genre, members) {
  const total = members.reduce((sum, film) => sum + film['IMDB Rating'], 0);
  return { genre: genre ?? 'unknown', films: members.length, rating: total / members.length };
}

const pool = new ThreadPool(2);
const table = await pool.starmap(summary, byGenre);
pool.close();
await pool.join();
assert.deepStrictEqual(
  table,
  Array.from(byGenre, (entry) => summary(...entry)),
);
for (const { genre, films: count, rating } of table.toSorted((a, b) => b.rating - a.rating)) {
  console.log(`${genre.padEnd(20)} ${String(count).padStart(4)} films ${rating.toFixed(2).padStart(5)}`);
}
