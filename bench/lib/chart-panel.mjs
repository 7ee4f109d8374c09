/** Lines of marks above a common logarithmic axis: twice as fast is as far to the right as half is to the left. */

export function text(x, y, content, attributes = '') {
  return `<text x="${x}" y="${y}" ${attributes}>${content}</text>`;
}

/**
 * @param {object} options
 * @param {{ label: string, note: string, values: number[], draw: (x: (value: number) => number, y: number) => string }[]} options.lines
 *   what stands left and right of a line, the values that must fit on the axis, and its marks
 * @param {number[]} options.include further values that must fit
 * @param {number} [options.mark] where a stronger vertical line stands
 * @param {(value: number) => string} options.tick text of a value below the axis
 * @returns {{ svg: string, bottom: number }}
 */
export function panel({ lines, include, mark, tick, left, right, top, rowHeight }) {
  const values = [...include, ...lines.flatMap(line => line.values)];
  const from = Math.log(Math.min(...values)) - 0.05;
  const to = Math.log(Math.max(...values)) + 0.05;
  const x = value => Math.round(left + ((Math.log(value) - from) / (to - from)) * (right - left));
  const bottom = top + lines.length * rowHeight;

  const ticks = ticksBetween(Math.exp(from), Math.exp(to));
  const axis = ticks.map(value => vertical(x(value), top, bottom, 'grid'));
  const numbers = ticks.map(value => text(x(value), bottom + 16, tick(value), 'class="soft" text-anchor="middle"'));
  const marks = mark === undefined ? [] : [vertical(x(mark), top, bottom, 'same')];
  const drawn = lines.map(({ label, note, draw }, i) => {
    const y = top + (i + 0.5) * rowHeight;
    return text(left - 16, y + 4, label, 'text-anchor="end"') + text(right + 16, y + 4, note) + draw(x, y);
  });
  return { svg: [...axis, ...numbers, ...marks, ...drawn].join('\n'), bottom: bottom + 22 };
}

function vertical(x, top, bottom, name) {
  return `<line class="${name}" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`;
}

/** Round values, few enough that their texts do not touch. */
function ticksBetween(low, high) {
  const candidates = [[1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8], [1, 1.5, 2, 3, 5], [1, 2, 5], [1, 3], [1]];
  for (const steps of candidates) {
    const ticks = [];
    for (let exponent = -3; exponent <= 6; exponent++) {
      for (const step of steps) ticks.push(Number((step * 10 ** exponent).toPrecision(3)));
    }
    const inside = ticks.filter(value => value >= low && value <= high);
    if (inside.length <= 6) return inside;
  }
  return [1];
}
