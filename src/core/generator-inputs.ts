/** The inputs of a multimodal model, as far as the library does not look at them itself. */
import { invalidArgument } from '../errors.ts';
import { NamedTensors } from './named-tensors.ts';

/**
 * The library reads `input_ids` as int32 rows without asking what they are.
 *
 * @returns how many tokens a row of them has
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`
 */
export function checkInputs(inputs: unknown, { batchSize }: { readonly batchSize: number }): number {
  if (!(inputs instanceof NamedTensors)) throw invalidArgument('inputs', 'NamedTensors', inputs);
  const tokens = inputs.get('input_ids');
  if (tokens === undefined) return 0;
  const { type, shape } = tokens;
  if (type !== 'int32' || shape.length !== 2 || shape[0] !== batchSize || shape[1] === 0) {
    throw invalidArgument(
      'input_ids',
      `int32 of the shape [${batchSize}, tokens] (batchSize)`,
      `${type} [${shape.join(', ')}]`,
    );
  }
  return shape[1] as number;
}
