/** Bounded schemas: an answer within them cannot go on for ever, however weak the model is. */

type Schema = Readonly<Record<string, unknown>>;

const text = (maxLength: number): Schema => ({ type: 'string', maxLength });
const whole = (minimum: number, maximum: number): Schema => ({ type: 'integer', minimum, maximum });

function object(properties: Readonly<Record<string, unknown>>, required = Object.keys(properties)): Schema {
  return { type: 'object', properties, required, additionalProperties: false };
}

export const SCHEMAS: Readonly<Record<string, Schema>> = {
  'a boolean': { type: 'boolean' },
  'an integer between bounds': whole(-20, 1999),
  'an integer above': { type: 'integer', exclusiveMinimum: 5, exclusiveMaximum: 8 },
  'a multiple': { type: 'integer', minimum: 0, maximum: 1000, multipleOf: 7 },
  'a short text': { type: 'string', minLength: 2, maxLength: 12 },
  'a text by a pattern': { type: 'string', pattern: '^[A-Z][a-z]{2,9}( [A-Z][a-z]{1,9})?$' },
  'one of some texts': { enum: ['Madrid', 'Paris', 'Rome', 'a "quoted" one', 'back\\slash', 'two\nlines'] },
  'one of some values': { enum: [null, true, 17, 'x', ['y', 2], { z: [] }] },
  'one value': { const: { answer: [1, { deep: 'yes' }], none: null } },
  'null or text': { type: ['null', 'string'], maxLength: 9 },
  'a flat object': object({ city: text(20), country: text(20), inhabitants: whole(0, 99_999_999) }),
  'optional properties': object({ a: whole(0, 9), b: text(5), c: { type: 'boolean' }, d: { type: 'null' } }, ['a']),
  'objects in an object': object({
    from: object({ x: whole(0, 9), y: whole(0, 9) }),
    to: object({ x: whole(10, 99) }),
  }),
  'a list of numbers': { type: 'array', items: whole(0, 99), minItems: 2, maxItems: 5 },
  'a list of objects': {
    type: 'array',
    items: object({ name: text(10), ok: { type: 'boolean' } }),
    minItems: 1,
    maxItems: 3,
  },
  'a tuple': { type: 'array', prefixItems: [text(6), whole(1, 3), { type: 'boolean' }], items: false, minItems: 3 },
  'a union by a mark': {
    anyOf: [
      object({ kind: { const: 'circle' }, r: whole(1, 9) }),
      object({ kind: { const: 'square' }, a: whole(1, 9) }),
    ],
  },
  'all of two': { allOf: [{ type: 'integer', minimum: 3 }, { maximum: 6 }] },
  'definitions that are used twice': {
    $defs: { point: object({ x: whole(0, 99), y: whole(0, 99) }) },
    ...object({ begin: { $ref: '#/$defs/point' }, end: { $ref: '#/$defs/point' } }),
  },
  'a list within a list': {
    $defs: { cell: { anyOf: [whole(0, 9), { type: 'null' }] } },
    type: 'array',
    items: { type: 'array', items: { $ref: '#/$defs/cell' }, minItems: 2, maxItems: 2 },
    minItems: 2,
    maxItems: 2,
  },
  'names with signs': object({ 'a b': whole(0, 9), 'quote"': whole(0, 9), 'π/~': { type: 'boolean' } }),
};
