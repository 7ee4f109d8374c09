/** What JSON and YAML call an object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Neither null nor an array; also what has a class. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
