/** Values that YAML readers are known to take for others, put together at random, the same in every run. */

const PIECES = [
  ...['yes', 'no', 'on', 'off', 'y', 'n', 'Y', 'true', 'FALSE', '~', 'null', 'Null', '', '=', '==', '<<', '<<a'],
  ...['012', '09', '0o17', '0x1F', '0b1', '1_000', '12:30:45', '0:30', '1:60', '+1', '-1', '1.', '.5', '-.5', '1.5'],
  ...['1e5', '1.e+5', '.inf', '-.INF', '.nan', 'NaN', 'Infinity', '2024-01-31', '2024-1-1', '2024-01-31 10:00:00'],
  ...[
    '-',
    '- ',
    '?',
    '? ',
    ':',
    ': ',
    ',',
    '#',
    '!',
    '&',
    '*',
    '|',
    '>',
    '%',
    '@',
    '`',
    "'",
    '"',
    '\\',
    '{',
    '}',
    '[',
    ']',
  ],
  ...['---', '...', 'a: b', 'a #b', '#a', 'a', 'b c', 'key', ' a', 'a ', ' ', '  ', '\t', '\n', '\n\n', '\r', '\r\n'],
  ...['\0', '\x07', '\x1b', '\x7f', '\x85', '\xa0', '\u200b', '\u2028', '\u2029', '\ufeff', '\uffff'.slice(1)],
  ...['é', '日本語', '😀', '👩‍🚀', '\u{10fffd}', 'a\nb', 'a\n\nb', 'x'.repeat(90)],
  'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt',
  '[{"type": "string", "name": "prompt", "required": true}]',
];

const NUMBERS = [
  ...[0, -0, 1, -1, 100, 1.5, 0.1, 1e-4, 1e-5, 1e-7, 0.00012345, 1e15, 1e16, 1e22, 1e300, 5e-324, 123456.789],
  ...[2 ** 53 - 1, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
];

export function awkwardValues(count: number): unknown[] {
  let state = 12345;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
  const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)] as Item;
  const text = (): string => {
    const length = pick([1, 1, 1, 2, 3, 5, 9, 20]);
    return Array.from({ length }, () => pick(PIECES)).join(pick(['', ' ', '\n']));
  };
  const many = <Item>(make: () => Item): Item[] => Array.from({ length: pick([0, 1, 2, 4]) }, make);
  const value = (depth: number): unknown => {
    const kind = depth > 3 ? 0 : random(12);
    if (kind < 6) return text();
    if (kind === 6) return pick([...NUMBERS, 12345678901234567890n]);
    if (kind === 7) return pick([true, false, null]);
    if (kind < 10) return many(() => value(depth + 1));
    return Object.fromEntries(many(() => [text(), value(depth + 1)] as const));
  };
  // Each piece for itself first, as a text and as a name.
  const single = PIECES.flatMap(piece => [piece, { [piece]: [piece] }]);
  return [...single, ...Array.from({ length: count - single.length }, () => value(0))];
}

/** For JSON: a number as Python's type and text, an object as its entries, in one order. */
export function markNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return { int: String(value) };
  if (typeof value === 'number') {
    const isInt = Number.isSafeInteger(value) && !Object.is(value, -0);
    return isInt
      ? { int: String(value) }
      : { float: Object.is(value, -0) ? '-0.0' : String(value).replace('Infinity', 'inf') };
  }
  if (Array.isArray(value)) return value.map(markNumbers);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return { dict: entries.map(([key, item]) => [key, markNumbers(item)]) };
}
