/**
 * The two signatures of MLflow's task `llm/v1/chat`, in the very order of keys that MLflow writes.
 * Source: the schema constants of mlflow/types/llm.py, of 2.11 to 2.14 (the seed's) and of 3.17.2.
 */
import type { ColumnSpec, DataType, PropertySpec, Schema, TypeSpec } from '../format/schema/schema-types.ts';
import { ModelSignature } from '../format/schema/signature.ts';

/** `"seed"`: what MLflow 2.11 to 2.14 wrote and the seed prints; `"3.x"`: the wider one of MLflow 3.17. */
export type ChatSignature = 'seed' | '3.x';

type Fields = Readonly<Record<string, TypeSpec | DataType>>;

const typeOf = (type: TypeSpec | DataType): TypeSpec => (typeof type === 'string' ? { type } : type);
const array = (items: TypeSpec | DataType): TypeSpec => ({ type: 'array', items: typeOf(items) });
const map = (values: TypeSpec | DataType): TypeSpec => ({ type: 'map', values: typeOf(values) });

/** An object whose `optional` properties may be left away. MLflow sorts properties by name. */
function object(required: Fields, optional: Fields = {}): TypeSpec {
  const properties: [string, PropertySpec][] = [
    ...Object.entries(required).map(([name, type]) => [name, { ...typeOf(type), required: true }] as const),
    ...Object.entries(optional).map(([name, type]) => [name, { ...typeOf(type), required: false }] as const),
  ].sort(([a], [b]) => (a < b ? -1 : 1)) as [string, PropertySpec][];
  return { type: 'object', properties: Object.fromEntries(properties) };
}

function columns(fields: Fields, required: readonly string[]): Schema {
  return Object.entries(fields).map(
    ([name, type]): ColumnSpec => ({ ...typeOf(type), name, required: required.includes(name) }),
  );
}

const REQUEST: Fields = {
  temperature: 'double',
  max_tokens: 'long',
  stop: array('string'),
  n: 'long',
  stream: 'boolean',
};
const ANSWER: Fields = { id: 'string', object: 'string', created: 'long', model: 'string' };
const ALWAYS = ['id', 'object', 'created', 'model', 'choices'];
const USAGE = object({ completion_tokens: 'long', prompt_tokens: 'long', total_tokens: 'long' });

function choices(message: TypeSpec): TypeSpec {
  return array(object({ finish_reason: 'string', index: 'long', message }));
}

function seed(): ModelSignature {
  const message = object({ content: 'string', role: 'string' }, { name: 'string' });
  return new ModelSignature({
    inputs: columns({ messages: array(message), ...REQUEST }, ['messages']),
    outputs: columns({ ...ANSWER, choices: choices(message), usage: USAGE }, [...ALWAYS, 'usage']),
  });
}

function wide(): ModelSignature {
  const call = object({ id: 'string', type: 'string', function: object({ name: 'string', arguments: 'string' }) });
  const texts: Fields = { content: 'string', name: 'string', refusal: 'string', tool_call_id: 'string' };
  const message = object({ role: 'string' }, { ...texts, tool_calls: array(call) });
  const parameter = object(
    { type: 'string' },
    { description: 'string', enum: array('string'), items: object({ type: 'string' }) },
  );
  const parameters = object(
    { properties: map(parameter) },
    { type: 'string', required: array('string'), additionalProperties: 'boolean' },
  );
  const definition = object({ name: 'string', parameters }, { description: 'string', strict: 'boolean' });
  const tool = object({ type: 'string' }, { function: definition });
  const penalties: Fields = { frequency_penalty: 'double', presence_penalty: 'double' };
  const more: Fields = {
    top_p: 'double',
    top_k: 'long',
    ...penalties,
    tools: array(tool),
    custom_inputs: map({ type: 'any' }),
  };
  return new ModelSignature({
    inputs: columns({ messages: array(message), ...REQUEST, ...more }, ['messages']),
    outputs: columns(
      { ...ANSWER, choices: choices(message), usage: USAGE, custom_outputs: map({ type: 'any' }) },
      ALWAYS,
    ),
  });
}

export function chatSignature(kind: ChatSignature): ModelSignature {
  return kind === 'seed' ? seed() : wide();
}
