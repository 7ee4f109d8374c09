/** A schema as `generateObject()` gives it to the library: how JSON is written, and what a grammar can say of it. */
import type { PlainObject } from './plain-data.ts';
import { entriesOf, isPlainObject, listOf, mapSchemas, subschemas } from './schema-walk.ts';

/** Look-around and back references, which a grammar cannot have. */
const UNSUPPORTED_PATTERN = /\(\?<?[=!]|\\[1-9]|\\k</;

/** In one line, so that a weak model cannot go on with white space for ever. */
const COMPACT: PlainObject = { whitespace_flexible: false, item_separator: ', ', key_separator: ': ' };

/** With the library's options for how JSON is written; a schema that has some (`x-guidance`) keeps them. */
export function compact(schema: PlainObject): PlainObject {
  return { 'x-guidance': COMPACT, ...schema };
}

/**
 * For a value that is validated afterwards. What a grammar cannot say is left out: keywords and formats that the library
 * does not know, patterns with look-around. And objects that say nothing of further properties get none: what a model
 * would go on with is dropped by the validation. With `allOf` an object is more than its own properties; then none is closed.
 */
export function relaxed(schema: PlainObject): PlainObject {
  const closes = !holdsAllOf(schema);
  const changed = mapSchemas(schema, ({ pattern, ...others }) => ({
    ...others,
    ...(pattern === undefined || (typeof pattern === 'string' && UNSUPPORTED_PATTERN.test(pattern)) ? {} : { pattern }),
    ...(closes && isOpen(others) ? { additionalProperties: false } : {}),
  }));
  const options = schema['x-guidance'];
  return {
    ...changed,
    'x-guidance': { ...COMPACT, lenient: true, coerce_one_of: true, ...(isPlainObject(options) ? options : {}) },
  };
}

function isOpen(schema: PlainObject): boolean {
  const named = entriesOf(schema['properties']).length > 0;
  const others = ['additionalProperties', 'patternProperties', 'unevaluatedProperties', '$ref', 'anyOf', 'oneOf'];
  return named && others.every(key => schema[key] === undefined);
}

function holdsAllOf(root: PlainObject): boolean {
  const queue = [{ schema: root, path: '' }];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (listOf(next.schema['allOf']).length > 0) return true;
    queue.push(...subschemas(next));
  }
  return false;
}
