/** More than any model looks at; decoded, it would fill gigabytes. */
const MOST_PIXELS = 2 ** 26;
const MOST_DIMENSION = 65_500;

/** Why a picture of this size is refused, or null. */
export function sizeProblem(width: number, height: number): string | null {
  if (Math.max(width, height) <= MOST_DIMENSION && width * height <= MOST_PIXELS) return null;
  return `is too large (${width} x ${height}; at most ${MOST_PIXELS} pixels)`;
}
