/** Stop strings for an answer, and what they must do to it: the plain definition, by search over the whole text. */

/** `count` different pieces of `text`, of 1 to 12 characters, at offsets all over it. */
export function makeStops(text: string, count: number, salt = 0): string[] {
  const stops = new Set<string>();
  for (let i = 0; stops.size < count && i < count * 20; i++) {
    const length = 1 + ((i * 5 + salt) % 12);
    const begin = (i * 37 + salt * 13) % Math.max(1, text.length - length);
    stops.add(text.slice(begin, begin + length));
  }
  return [...stops];
}

/** The stop string that ends first in `text`; of two that end together the one that begins first. */
export function firstStop(text: string, stops: readonly string[]): { stop: string; begin: number } | null {
  for (let end = 1; end <= text.length; end++) {
    const ending = stops.filter(stop => stop.length <= end && text.startsWith(stop, end - stop.length));
    const stop = ending.sort((a, b) => b.length - a.length)[0];
    if (stop !== undefined) return { stop, begin: end - stop.length };
  }
  return null;
}
