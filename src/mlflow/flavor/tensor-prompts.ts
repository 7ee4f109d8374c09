/**
 * Python models whose example was an array of numpy texts have a tensor in their signature, not a column. One of one
 * dimension is a list of prompts; what other tensors would mean, nothing here knows.
 */
import { GenAIError } from '../../errors.ts';
import type { EnforcedInput } from '../format/schema/enforce.ts';
import type { ModelSignature } from '../format/schema/signature.ts';
import { type ModelTask, PROMPT_TASK } from './names.ts';

/** @throws {GenAIError} `ERR_MLFLOW_SIGNATURE` for tensors that are no list of prompts */
export function checkTensors(signature: ModelSignature | null, task: ModelTask): void {
  const tensors = (signature?.inputs ?? []).filter(spec => spec.type === 'tensor');
  if (tensors.length === 0) return;
  const { dtype, shape = [] } = tensors[0]?.['tensor-spec'] ?? {};
  const isText = dtype === 'str' || dtype === 'object';
  if (task === PROMPT_TASK && tensors.length === 1 && isText && shape.length === 1) return;
  throw new GenAIError(
    'ERR_MLFLOW_SIGNATURE',
    `The inputs of the model are tensors (${JSON.stringify(tensors)}), which nothing here can answer: only one tensor ` +
      'of texts with one dimension is read, as a list of prompts. Log the model with an example such as { "prompt": "Hi" }.',
    { details: { inputs: tensors } },
  );
}

/** The rows of an input that `checkTensors` has let through. */
export function rowsOf({ rows, tensors }: EnforcedInput): readonly Readonly<Record<string, unknown>>[] {
  if (tensors === undefined) return rows;
  return Object.values(tensors).flatMap(({ data }) => Array.from(data, asRow));
}

/** An array of the type `object` may hold anything. */
function asRow(prompt: unknown, index: number): { prompt: string } {
  if (typeof prompt === 'string') return { prompt };
  const message = `input[${index}] must be a prompt, a text, but is of the type ${typeof prompt}.`;
  throw new GenAIError('ERR_MLFLOW_SIGNATURE', message, { details: { path: `input[${index}]`, expected: 'a text' } });
}
