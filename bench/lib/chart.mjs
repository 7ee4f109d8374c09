/** The picture of docs/performance.md: ratios with their bounds, and waits of both sides. Plain SVG, by hand. */

import { panel, text } from './chart-panel.mjs';
import { number, ratio, ratioText } from './rows.mjs';
import { median } from './statistics.mjs';

const WIDTH = 860;
const PANEL = { left: 300, right: 600, rowHeight: 26 };

/** Rows of the two panels, by their id, and how they are called where their section is not named. */
const SPEED = {
  decode: 'Decode, generate()',
  stream: 'Decode, streamed, demo model',
  default: 'Decode, out of the box',
  'ttft-32': 'First token, 32 prompt tokens',
  'ttft-256': 'First token, 256 prompt tokens',
  'ttft-2000': 'First token, 2,000 prompt tokens',
  first: 'Process start to first text',
};
const WAITS = {
  'busy-median': 'Timer late, median',
  'busy-p99': 'Timer late, 99 %',
  'busy-max': 'Timer late, at most',
  'abort-decode': 'Abort in decode',
  'abort-prefill': 'Abort in a long prefill',
};

const TITLE = 'onnxruntime-genai-node and the official Python package, measured side by side';
const ABOUT = 'Above: how many times as fast as Python, with 95 % bounds. Below: how long an event or an abort waits.';

/** @returns the SVG for what bench/results.json holds */
export function chart({ environment, sections }) {
  const rows = new Map(Object.values(sections).flatMap(({ rows }) => rows.map(row => [row.id, row])));
  const chosen = names => Object.entries(names).filter(([id]) => rows.has(id) && ratio(rows.get(id)) !== null);
  const speed = panel({ ...PANEL, top: 76, ...speedPanel(chosen(SPEED), rows) });
  const waits = panel({ ...PANEL, top: speed.bottom + 74, ...waitsPanel(chosen(WAITS), rows) });
  const height = waits.bottom + 54;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title about" font-family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="13">
<title id="title">${TITLE}</title>
<desc id="about">${ABOUT} ${escaped(spoken(chosen(SPEED), rows))}</desc>
${STYLE}
<rect class="back" width="${WIDTH}" height="${height}" rx="8"/>
${text(24, 32, 'Speed against Python', 'class="head"')}
${text(24, 52, 'times as fast, median and 95 % bound; right of the line ours is faster', 'class="soft"')}
${speed.svg}
${text(24, speed.bottom + 30, 'Waits, with four answers at once or with one aborted', 'class="head"')}
${text(24, speed.bottom + 50, 'milliseconds, shorter is better', 'class="soft"')}
${legend(PANEL.left, speed.bottom + 50)}
${waits.svg}
${text(24, height - 16, escaped(environment.machine), 'class="soft"')}
</svg>
`;
}

/** Drawn on a card of its own, so that it can be read wherever the page does not know the theme. */
const STYLE = `<style>
.back { fill: #ffffff; stroke: #d0d7de; } text { fill: #1f2328; } .soft { fill: #59636e; }
.head { font-size: 16px; font-weight: 600; } .grid { stroke: #d8dee4; } .same { stroke: #59636e; stroke-width: 1.5; }
.ours { fill: #0969da; stroke: #0969da; } .python { fill: #ffffff; stroke: #bc4c00; stroke-width: 2; }
.bound { stroke: #0969da; stroke-width: 3; stroke-linecap: round; opacity: 0.55; }
@media (prefers-color-scheme: dark) {
.back { fill: #0d1117; stroke: #3d444d; } text { fill: #f0f6fc; } .soft { fill: #9198a1; }
.grid { stroke: #2a313c; } .same { stroke: #9198a1; }
.ours { fill: #4493f8; stroke: #4493f8; } .python { fill: #0d1117; stroke: #f0883e; } .bound { stroke: #4493f8; }
}
</style>`;

function speedPanel(chosen, rows) {
  const lines = chosen.map(([id, label]) => {
    const value = ratio(rows.get(id));
    const { median, low, high } = value;
    const draw = (x, y) =>
      (low === null ? '' : `<line class="bound" x1="${x(low)}" x2="${x(high)}" y1="${y}" y2="${y}"/>`) +
      oursMark(x(median), y);
    return { label, values: [low ?? median, median, high ?? median], note: ratioText(value), draw };
  });
  return { lines, include: [0.8, 1.25], mark: 1, tick: value => `${value}×` };
}

function waitsPanel(chosen, rows) {
  const lines = chosen.map(([id, label]) => {
    const row = rows.get(id);
    const ours = Math.max(0.01, median(row.ours)); // a logarithm has no zero
    const python = Math.max(0.01, median(row.python));
    const draw = (x, y) => pythonMark(x(python), y) + oursMark(x(ours), y);
    return { label, values: [ours, python], note: `${number(ours)} ms, Python ${number(python)} ms`, draw };
  });
  return { lines, include: [0.1, 10], tick: value => `${value.toLocaleString('en-US')} ms` };
}

function oursMark(x, y) {
  return `<circle class="ours" cx="${x}" cy="${y}" r="5"/>`;
}

function pythonMark(x, y) {
  return `<rect class="python" x="${x - 4.5}" y="${y - 4.5}" width="9" height="9"/>`;
}

function legend(x, y) {
  return [oursMark(x + 5, y - 4), text(x + 16, y, 'ours'), pythonMark(x + 65, y - 4), text(x + 76, y, 'Python')].join(
    '',
  );
}

/** The same for those who do not see it. */
function spoken(chosen, rows) {
  return chosen.map(([id, label]) => `${label}: ${ratioText(ratio(rows.get(id)))} times.`).join(' ');
}

function escaped(value) {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
