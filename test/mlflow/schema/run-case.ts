/** What this package does with a case of a golden file. */
import { enforceInput } from '../../../src/mlflow/format/schema/enforce.ts';
import { enforceParams } from '../../../src/mlflow/format/schema/enforce-params.ts';
import { inferSignature } from '../../../src/mlflow/format/schema/infer.ts';
import type { ParamSchema, Schema } from '../../../src/mlflow/format/schema/schema-types.ts';
import { type Case, type Golden, type Outcome, outcomeOf, untag } from './golden.ts';

type Fields = Record<string, unknown>;

export function runCase(golden: Golden, given: Case): Outcome {
  const value = (name: string): unknown => untag(given[name]);
  return outcomeOf(() => {
    switch (golden) {
      case 'infer': {
        const { inputs, outputs, params } = inferSignature(value('input'), value('output'), value('params') as Fields);
        return { signature: { inputs, outputs, params } };
      }
      case 'enforce': {
        const { rows, tensors } = enforceInput(value('input'), given['schema'] as Schema);
        return tensors === undefined ? { rows } : { tensors };
      }
      case 'params':
        return { params: enforceParams(value('params') as Fields, given['schema'] as ParamSchema | null) };
    }
  });
}
