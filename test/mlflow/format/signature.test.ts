/** Signatures, against what MLflow makes of the same texts. */
import * as assert from 'uvu/assert';
import type { ParamSchema, Schema } from '../../../src/mlflow/format/schema/schema-types.ts';
import { formatSignature, ModelSignature } from '../../../src/mlflow/format/schema/signature.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { readTable } from './fixtures.ts';

const test = suite('mlflow/format/signature');

interface Row {
  readonly texts: { readonly inputs?: string; readonly params?: string };
  readonly repr?: string;
  readonly dict?: unknown;
  readonly refused?: string;
}

const ROWS = readTable<Row>('schemas');

/** Texts that we treat otherwise than MLflow, with the reason. */
const DIFFERENT: Readonly<Record<string, string>> = {
  '[{"type": "string", "required": null}]': 'null counts as false, which a column without a name must not be',
  '[{"type": "string", "name": "a", "required": null}]': 'written back as false',
  '[{"type": "string", "name": "a", "required": 1}]': 'written back as true',
  '[{"type": "string", "name": "a", "required": ""}]': 'written back as false',
  '[{"type": "object", "properties": {"a": {"type": "string", "required": null}}, "name": "o", "required": true}]':
    'written back as false',
  '[{"type": "tensor", "tensor-spec": {"dtype": null, "shape": [2]}}]': 'numpy takes no type for float64',
  '{}': 'Python takes an empty mapping for an empty list of parameters',
};

test('reads, prints and writes each text of the table as MLflow does, or refuses it as MLflow does', () => {
  assert.ok(ROWS.length > 150, String(ROWS.length));
  const wrong: string[] = [];
  for (const { texts, repr, dict, refused } of ROWS) {
    const name = texts.inputs ?? texts.params ?? '';
    if (name in DIFFERENT) continue;
    try {
      const signature = ModelSignature.fromDict(texts);
      if (refused !== undefined) wrong.push(`${name} read, MLflow: ${refused}`);
      else if (String(signature) !== repr) wrong.push(`${name}\n  prints  ${signature}\n  instead ${repr}`);
      else if (JSON.stringify(signature.toDict()) !== JSON.stringify(dict)) {
        wrong.push(`${name}\n  writes  ${JSON.stringify(signature.toDict())}\n  instead ${JSON.stringify(dict)}`);
      }
    } catch (error) {
      if (refused === undefined) wrong.push(`${name} refused: ${(error as Error).message}`);
    }
  }
  assert.is(wrong.join('\n'), '');
});
test('of the known differences none is without effect', () => {
  for (const text of Object.keys(DIFFERENT)) {
    const row = ROWS.find(({ texts, refused }) => refused === undefined && (texts.inputs ?? texts.params) === text);
    assert.ok(row?.repr !== undefined, text);
    let same = false;
    try {
      same = JSON.stringify(ModelSignature.fromDict(row.texts).toDict()) === JSON.stringify(row.dict);
    } catch {
      // Refused: different all right.
    }
    assert.not(same, text);
  }
});

const CHAT_MESSAGE = {
  type: 'object',
  properties: { role: { type: 'string' }, content: { type: 'string' }, name: { type: 'string', required: false } },
} as const;

test('the two signatures of the tutorial print as it shows them, to the letter', () => {
  const prompt = new ModelSignature({ inputs: [{ type: 'string', name: 'prompt' }], outputs: [{ type: 'string' }] });
  assert.is(
    formatSignature(prompt),
    "{inputs: \n  ['prompt': string (required)],\noutputs: \n  [string (required)],\nparams: \n  None}",
  );
  const chat = new ModelSignature({
    inputs: [
      { type: 'array', items: CHAT_MESSAGE, name: 'messages', required: true },
      { type: 'double', name: 'temperature', required: false },
      { type: 'long', name: 'max_tokens', required: false },
      { type: 'array', items: { type: 'string' }, name: 'stop', required: false },
      { type: 'long', name: 'n', required: false },
      { type: 'boolean', name: 'stream', required: false },
    ],
    outputs: [
      { type: 'string', name: 'id' },
      { type: 'string', name: 'object' },
      { type: 'long', name: 'created' },
      { type: 'string', name: 'model' },
      {
        type: 'array',
        items: {
          type: 'object',
          properties: { index: { type: 'long' }, finish_reason: { type: 'string' }, message: CHAT_MESSAGE },
        },
        name: 'choices',
        required: true,
      },
      {
        type: 'object',
        properties: {
          prompt_tokens: { type: 'long' },
          completion_tokens: { type: 'long' },
          total_tokens: { type: 'long' },
        },
        name: 'usage',
        required: true,
      },
    ],
  });
  assert.is(
    formatSignature(chat),
    "{inputs: \n  ['messages': Array({content: string (required), name: string (optional), role: string (required)}) (required), 'temperature': double (optional), 'max_tokens': long (optional), 'stop': Array(string) (optional), 'n': long (optional), 'stream': boolean (optional)],\noutputs: \n  ['id': string (required), 'object': string (required), 'created': long (required), 'model': string (required), 'choices': Array({finish_reason: string (required), index: long (required), message: {content: string (required), name: string (optional), role: string (required)} (required)}) (required), 'usage': {completion_tokens: long (required), prompt_tokens: long (required), total_tokens: long (required)} (required)],\nparams: \n  None}",
  );
});

test('what one gives and what one reads are in the same normal form', () => {
  const given = new ModelSignature({
    inputs: [{ type: 'object', properties: { b: { type: 'long' }, a: { type: 'any', required: false } }, name: 'o' }],
    params: [{ name: 'at', type: 'datetime', default: '2026-01-31 10:00', shape: null }],
  });
  const read = ModelSignature.fromDict(given.toDict());
  assert.equal(read, given);
  assert.is(
    JSON.stringify(given.inputs),
    '[{"type":"object","properties":{"a":{"type":"any","required":false},"b":{"type":"long","required":true}},"name":"o"}]',
  );
  assert.is(given.params?.[0]?.default, '2026-01-31T10:00:00');
});

test('refuses what MLflow refuses, and names the place', async () => {
  const column = (fields: object): object => ({ inputs: [fields] });
  const cases: [object, string][] = [
    [{}, 'signature is empty'],
    [{ inputs: null, outputs: undefined }, 'signature is empty'],
    [{ inputs: [] }, 'signature.inputs is empty'],
    [{ outputs: {} }, 'signature.outputs must be a list of columns'],
    [{ inputs: [{ type: 'string' }, 5] }, 'signature.inputs[1] must be an object, but is 5'],
    [column({}), 'signature.inputs[0] has no "type"'],
    [column({ type: 'text' }), 'has the unknown type "text"; types are boolean, integer'],
    [column({ type: 'string', optional: true }), 'has the unknown key "optional"; since MLflow 2.11 it is "required"'],
    [column({ type: 'string', nmae: 'a' }), 'has the unknown key "nmae"'],
    [column({ type: 'string', name: ['a'] }), 'has the name ["a"], which is no text'],
    [column({ type: 'string', required: false }), 'has an optional column without a name'],
    [{ inputs: [{ type: 'string', name: 'a' }, { type: 'string' }] }, 'mixes columns with and without a name'],
    [column({ type: 'array' }), 'signature.inputs[0].items is missing'],
    [column({ type: 'array', items: 'string' }), 'signature.inputs[0].items must be an object, but is "string"'],
    [column({ type: 'map', values: {} }), 'signature.inputs[0].values has no "type"'],
    [column({ type: 'object', properties: {} }), 'signature.inputs[0].properties is empty'],
    [column({ type: 'object', properties: { a: 5 } }), 'signature.inputs[0].properties.a must be an object'],
    [column({ type: 'tensor', 'tensor-spec': { dtype: 'U5', shape: [1] } }), 'the name of a numpy type'],
    [column({ type: 'tensor', 'tensor-spec': { dtype: 'int64', shape: 1 } }), 'must be a list of whole numbers'],
    [{ params: [{ name: 'a', type: 'long' }] }, 'signature.params[0] needs "name", "type" and "default"'],
    [{ params: [{ name: 'a', type: 'long', default: 'x' }] }, 'has the type long, but the default "x"'],
    [{ params: [{ name: 'a', type: 'binary', default: null }] }, 'a parameter has a scalar type other than binary'],
    [{ params: [{ name: 'a', type: 'long', default: [1], shape: [3] }] }, 'must be null for one value or [-1]'],
    [{ params: [{ name: 'a', type: 'long', default: 1, shape: [-1] }] }, 'is no list'],
    [
      { params: [{ name: 'a', type: 'object', properties: { x: { type: 'long' } }, default: [], shape: [-1] }] },
      'is a list of objects',
    ],
    [{ params: [1, 1].map(() => ({ name: 'a', type: 'long', default: 1 })) }, 'two parameters with the name "a"'],
  ];
  for (const [schemas, message] of cases) {
    const make = (): ModelSignature => new ModelSignature(schemas as { inputs?: Schema; params?: ParamSchema });
    await expectError(make, 'ERR_MLFLOW_SIGNATURE', message);
  }
  await expectError(
    () => ModelSignature.fromDict({ inputs: '[' }),
    'ERR_MLFLOW_SIGNATURE',
    'signature.inputs is not JSON',
  );
  await expectError(() => ModelSignature.fromDict({ inputs: [] }), 'ERR_MLFLOW_SIGNATURE', 'must be a text of JSON');
  await expectError(() => ModelSignature.fromDict({ inputs: '' }), 'ERR_MLFLOW_SIGNATURE', 'signature is empty');
  const deep = `[{"type": "array", "name": "a", "items": ${'{"type": "array", "items": '.repeat(1000)}`;
  await expectError(() => ModelSignature.fromDict({ inputs: deep }), 'ERR_MLFLOW_SIGNATURE', 'at most 200 levels');
});

test.run();
