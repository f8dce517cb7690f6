// Draws lines over two logarithmic axes as SVG: what the page of kernels shows of speed against size.

const [WIDTH, HEIGHT] = [720, 420];
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 150, 36, 48];
const COLOURS = ['#d62728', '#1f77b4', '#2ca02c', '#9467bd', '#ff7f0e', '#7f7f7f', '#8c564b', '#17becf'];

const decades = (values) => {
  const logs = values.map(Math.log10);
  return [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs))];
};
const power = (exponent) => (exponent >= 0 && exponent < 4 ? String(10 ** exponent) : `1e${exponent}`);

/** `lines`: name -> points [x, y], both above 0. */
export function logLogPlot({ title, xLabel, yLabel, lines }) {
  const points = Object.values(lines).flat();
  const [x0, x1] = decades(points.map(([x]) => x));
  const [y0, y1] = decades(points.map(([, y]) => y));
  const across = (x) => LEFT + ((Math.log10(x) - x0) / (x1 - x0)) * (WIDTH - LEFT - RIGHT);
  const up = (y) => HEIGHT - BOTTOM - ((Math.log10(y) - y0) / (y1 - y0)) * (HEIGHT - TOP - BOTTOM);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<text x="${LEFT}" y="20" font-size="14">${title}</text>`,
  ];
  for (let n = x0; n <= x1; n++) {
    const x = across(10 ** n).toFixed(1);
    parts.push(`<line x1="${x}" y1="${TOP}" x2="${x}" y2="${HEIGHT - BOTTOM}" stroke="#ddd"/>`);
    parts.push(`<text x="${x}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${power(n)}</text>`);
  }
  for (let n = y0; n <= y1; n++) {
    const y = up(10 ** n).toFixed(1);
    parts.push(`<line x1="${LEFT}" y1="${y}" x2="${WIDTH - RIGHT}" y2="${y}" stroke="#ddd"/>`);
    parts.push(`<text x="${LEFT - 6}" y="${Number(y) + 4}" text-anchor="end">${power(n)}</text>`);
  }
  parts.push(`<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${xLabel}</text>`);
  parts.push(`<text transform="translate(16 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">${yLabel}</text>`);
  // Names beside the ends of the lines, moved apart where those meet.
  const ends = Object.entries(lines)
    .map(([name, line], n) => ({ name, colour: COLOURS[n % COLOURS.length], line, at: up(line.at(-1)[1]) }))
    .toSorted((a, b) => a.at - b.at);
  let lowest = -Infinity;
  for (const { name, colour, line, at } of ends) {
    const path = line.map(([x, y]) => `${across(x).toFixed(1)},${up(y).toFixed(1)}`).join(' ');
    parts.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    lowest = Math.max(at + 4, lowest + 14);
    parts.push(`<text x="${WIDTH - RIGHT + 8}" y="${lowest.toFixed(1)}" fill="${colour}">${name}</text>`);
  }
  return `${parts.join('\n')}\n</svg>\n`;
}
