/**
 * What an unquoted scalar means to PyYAML's safe loader, which reads YAML 1.1 in a dialect of its own: `y` is a text,
 * `1e5` is a text (a float needs a point and a signed exponent), `12:30` is 750, `=` cannot be read at all.
 * Source: yaml/resolver.py and yaml/constructor.py of PyYAML 6.0.3.
 */

const BOOL = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const TRUE = /^(?:yes|true|on)$/i;
const NULL = /^(?:~|null|Null|NULL|)$/;
const INT =
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.\d*)?(?:[ \t]*(?:Z|[-+](\d\d?)(?::(\d\d))?))?$/;

/**
 * A date or a point in time, as it is written: `2024-01-31`. A JavaScript Date cannot tell a date from midnight, nor
 * keep microseconds and the offset, so it could not be written back.
 */
export class YamlTimestamp {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

/** True for a text that stays a text without quotes. */
export function isPlainText(text: string): boolean {
  return ![BOOL, NULL, INT, FLOAT, DATE, TIME].some(pattern => pattern.test(text)) && text !== '=' && text !== '<<';
}

/** `undefined` for what is no boolean. */
export function readBool(text: string): boolean | undefined {
  return BOOL.test(text) ? TRUE.test(text) : undefined;
}

/** `null`, or `undefined` for what is not null. */
export function readNull(text: string): null | undefined {
  return NULL.test(text) ? null : undefined;
}

/** Python reads no more digits either. Turning digits into a number takes time by the square of their count. */
const MOST_DIGITS = 4300;

/** A bigint where a number would lose digits; `undefined` for what is no integer. Throws for more than 4300 characters. */
export function readInt(text: string): number | bigint | undefined {
  if (!INT.test(text)) return undefined;
  if (text.length > MOST_DIGITS) throw new RangeError(`an integer of ${text.length} digits is too long`);
  const digits = text.replace(/[_+-]/g, '');
  const size = digits.includes(':') ? base60(digits) : BigInt(/^0\d/.test(digits) ? `0o${digits}` : digits);
  const value = text.startsWith('-') ? -size : size;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** `undefined` for what is no float. */
export function readFloat(text: string): number | undefined {
  if (!FLOAT.test(text)) return undefined;
  const digits = text.toLowerCase().replaceAll('_', '').replace(/^[-+]/, '');
  const sign = text.startsWith('-') ? -1 : 1;
  if (digits === '.inf') return sign * Number.POSITIVE_INFINITY;
  if (digits === '.nan') return Number.NaN;
  return sign * digits.split(':').reduce((total, part) => total * 60 + Number(part), 0);
}

/** `undefined` for what has not the form of a time; null for a time that does not exist, such as 2024-02-30. */
export function readTimestamp(text: string): YamlTimestamp | null | undefined {
  const match = DATE.exec(text) ?? TIME.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offset = 0] = match.slice(1).map(Number);
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year > 0;
  const onClock = hour < 24 && minute < 60 && second < 60 && !(offset >= 24);
  return exists && onClock ? new YamlTimestamp(text) : null;
}

function base60(digits: string): bigint {
  return digits.split(':').reduce((total, part) => total * 60n + BigInt(part), 0n);
}
