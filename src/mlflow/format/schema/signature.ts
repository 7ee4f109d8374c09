/** The signature of a model: what it takes and gives. */
import { GenAIError, isGenAIError } from '../../../errors.ts';
import { parsePythonJson } from '../python/parse-python-json.ts';
import { formatParams, formatSchema, paramsJson, schemaJson } from './format-schema.ts';
import { readParams } from './read-params.ts';
import { readSchema } from './read-schema.ts';
import { quote, schemaError } from './read-type.ts';
import type { ParamSchema, Schema } from './schema-types.ts';

/** A signature as an MLmodel file holds it: texts of JSON. */
export interface SignatureTexts {
  readonly inputs: string | null;
  readonly outputs: string | null;
  readonly params: string | null;
}

/**
 * Schemas of inputs, outputs and parameters; what is not described is null. Checked and in normal form, never changed.
 */
export class ModelSignature {
  readonly inputs: Schema | null;
  readonly outputs: Schema | null;
  readonly params: ParamSchema | null;

  /**
   * @throws {GenAIError} `ERR_MLFLOW_SIGNATURE` for a schema that MLflow would refuse, and where all three are missing
   */
  constructor(schemas: { inputs?: Schema | null; outputs?: Schema | null; params?: ParamSchema | null }) {
    const { inputs = null, outputs = null, params = null } = schemas;
    if (inputs === null && outputs === null && params === null) {
      throw schemaError('signature', 'is empty: it needs inputs, outputs or params');
    }
    this.inputs = inputs === null ? null : readSchema(inputs, 'signature.inputs');
    this.outputs = outputs === null ? null : readSchema(outputs, 'signature.outputs');
    this.params = params === null ? null : readParams(params, 'signature.params');
  }

  /**
   * From the texts of an MLmodel file.
   *
   * @throws {GenAIError} `ERR_MLFLOW_SIGNATURE` for texts that are not JSON, and as the constructor
   */
  static fromDict(texts: { inputs?: unknown; outputs?: unknown; params?: unknown }): ModelSignature {
    // The constructor checks what the texts hold.
    return new ModelSignature({
      inputs: readText(texts.inputs, 'signature.inputs') as Schema | null,
      outputs: readText(texts.outputs, 'signature.outputs') as Schema | null,
      params: readText(texts.params, 'signature.params') as ParamSchema | null,
    });
  }

  /** The texts for an MLmodel file, equal to those that MLflow writes. */
  toDict(): SignatureTexts {
    return {
      inputs: this.inputs === null ? null : schemaJson(this.inputs),
      outputs: this.outputs === null ? null : schemaJson(this.outputs),
      params: this.params === null || this.params.length === 0 ? null : paramsJson(this.params),
    };
  }

  /** Exactly what Python's `repr(signature)` prints, with a line break at the end. */
  toString(): string {
    const { inputs, outputs, params } = formatted(this);
    return `inputs: \n  ${inputs}\noutputs: \n  ${outputs}\nparams: \n  ${params}\n`;
  }
}

/** A signature in braces, as it stands in MLflow's documentation and tutorials. */
export function formatSignature(signature: ModelSignature): string {
  const { inputs, outputs, params } = formatted(signature);
  return `{inputs: \n  ${inputs},\noutputs: \n  ${outputs},\nparams: \n  ${params}}`;
}

function formatted({ inputs, outputs, params }: ModelSignature): Record<keyof SignatureTexts, string> {
  return {
    inputs: inputs === null ? 'None' : formatSchema(inputs),
    outputs: outputs === null ? 'None' : formatSchema(outputs),
    params: params === null ? 'None' : formatParams(params),
  };
}

/** MLflow takes an empty text for a missing one, but not the text `null`. */
function readText(text: unknown, what: string): unknown {
  if (text === null || text === undefined || text === '') return null;
  if (typeof text !== 'string') throw schemaError(what, `must be a text of JSON, but is ${quote(text)}`);
  let value: unknown;
  try {
    value = parsePythonJson(text, what);
  } catch (cause) {
    if (!isGenAIError(cause)) throw cause;
    throw new GenAIError('ERR_MLFLOW_SIGNATURE', cause.message, { cause, details: { what } });
  }
  if (value === null) throw schemaError(what, 'must hold a list, but holds null');
  return value;
}
