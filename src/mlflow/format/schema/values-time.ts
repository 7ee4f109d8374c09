/** Points in time: a `Date` here, a naive datetime in Python that MLflow takes for UTC. */

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * Reads an ISO 8601 text: a date, or a date and a time; without a zone it is UTC, as for numpy.
 *
 * @returns undefined for any other text, and for a time that a `Date` cannot hold: it has milliseconds and no less
 */
export function parseTime(text: string): Date | undefined {
  const parts = ISO.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map(part => Number(part ?? 0));
  const fraction = parts[7] ?? '';
  if (/[1-9]/.test(fraction.slice(3))) return undefined;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second, milliseconds));
  // Date.UTC takes the 31st of February for the 3rd of March.
  const same =
    time.getUTCFullYear() === year &&
    time.getUTCMonth() === month - 1 &&
    time.getUTCDate() === day &&
    time.getUTCHours() === hour &&
    time.getUTCMinutes() === minute &&
    time.getUTCSeconds() === second;
  return same ? new Date(time.getTime() - offsetOf(parts[8]) * 60_000) : undefined;
}

/** Minutes east of Greenwich. */
function offsetOf(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return zone.startsWith('-') ? -minutes : minutes;
}

/** A naive ISO text in UTC, for the default of a parameter. */
export function naiveTime(time: Date): string {
  return time.toISOString().slice(0, -1);
}
