/** Defaults of `datetime` parameters. MLflow writes them as ISO texts and prints them as Python's date and datetime. */

/** The parts of a date, or of a datetime where `hour` is there. */
interface Parts {
  readonly date: readonly [year: number, month: number, day: number];
  readonly time: readonly [hour: number, minute: number, second: number, microsecond: number] | null;
}

const TIME = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?)?)?)?$/;

/** The text as Python's `isoformat()` writes it: `2024-01-31`, `2024-01-31T10:00:00`; null for what is no time. */
export function isoTime(text: string): string | null {
  const parts = partsOf(text);
  return parts === null ? null : format(parts, 'T');
}

/** `str()` of the Python object that stands for an ISO text. */
export function strOfTime(text: string): string {
  const parts = partsOf(text);
  return parts === null ? text : format(parts, ' ');
}

/** `repr()` of the Python object that stands for an ISO text. */
export function reprOfTime(text: string): string {
  const parts = partsOf(text);
  if (parts === null) return text;
  if (parts.time === null) return `datetime.date(${parts.date.join(', ')})`;
  const [hour, minute, second, microsecond] = parts.time;
  const shown = microsecond !== 0 ? [second, microsecond] : second !== 0 ? [second] : [];
  return `datetime.datetime(${[...parts.date, hour, minute, ...shown].join(', ')})`;
}

function partsOf(text: string): Parts | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map(part => (part === undefined ? undefined : Number(part)));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists = year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!exists || hour > 23 || minute > 59 || second > 59) return null;
  const microsecond = Number((match[7] ?? '').padEnd(6, '0'));
  return { date: [year, month, day], time: match[4] === undefined ? null : [hour, minute, second, microsecond] };
}

function format({ date, time }: Parts, separator: 'T' | ' '): string {
  const [year, ...rest] = date;
  const day = [String(year).padStart(4, '0'), ...rest.map(two)].join('-');
  if (time === null) return day;
  const [hour, minute, second, microsecond] = time;
  const fraction = microsecond === 0 ? '' : `.${String(microsecond).padStart(6, '0')}`;
  return `${day}${separator}${[hour, minute, second].map(two).join(':')}${fraction}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
