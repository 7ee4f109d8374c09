import { pairs, pick, sameTokens } from '../lib/pairs.mjs';
import { row } from '../lib/rows.mjs';

const FIELDS = ['city', 'country', 'river', 'mountain', 'street', 'colour'];

/** Answers of one length on every model: bounded texts, in the one line that generateObject() writes. */
const SCHEMA = {
  'x-guidance': { whitespace_flexible: false, item_separator: ', ', key_separator: ': ' },
  type: 'object',
  properties: Object.fromEntries(FIELDS.map(name => [name, { type: 'string', pattern: '^[a-z]{10}$' }])),
  required: FIELDS,
  additionalProperties: false,
};

export default {
  id: 'object',
  title: 'Structured output',
  async run(context) {
    const { model, threads, quick } = context;
    const job = { model, threads, promptTokens: 16, schema: SCHEMA, repeats: quick ? 1 : 5 };
    const results = await pairs(context, context.pairs, side => side.run('object', job));
    const perToken = (result, ms) => ms / result.count;
    return {
      rows: [
        row('object', 'generateObject(), a token', 'ms', 'lower', ...pick(results, r => perToken(r, r.guidedMs))),
        row('object-plain', 'generate(), a token', 'ms', 'lower', ...pick(results, r => perToken(r, r.plainMs))),
        row('object-overhead', 'object over plain', 'times', 'lower', ...pick(results, r => r.guidedMs / r.plainMs)),
        row('object-first', 'first object of a model', 'ms', 'lower', ...pick(results, r => r.firstMs)),
      ],
      sameTokens: sameTokens(results),
    };
  },
};
