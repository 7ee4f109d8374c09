/**
 * The file `registered_model_meta`, which MLflow puts into a directory that it downloads by a `models:/` URI.
 * Source: observed on MLflow 3.17.2.
 */
import { GenAIError } from '../../errors.ts';
import { isObject } from '../../util/objects.ts';
import { parseYaml, stringifyYaml } from './yaml/yaml.ts';

export const REGISTERED_MODEL_META_FILE = 'registered_model_meta';

/** Which version of which registered model this is; null for both in a logged model without a registration. */
export interface RegisteredModelMeta {
  readonly model_name: string | null;
  readonly model_version: string | null;
}

export function stringifyRegisteredModelMeta({ model_name, model_version }: RegisteredModelMeta): string {
  return stringifyYaml({ model_name, model_version });
}

/** @throws {GenAIError} `ERR_MLFLOW_FORMAT` */
export function parseRegisteredModelMeta(
  text: string,
  what = `The file ${REGISTERED_MODEL_META_FILE}`,
): RegisteredModelMeta {
  const value = parseYaml(text, what);
  const members: Readonly<Record<string, unknown>> = isObject(value) ? value : {};
  const { model_name: name = null, model_version: version = null } = members;
  // A version without quotes is a number.
  const asText = typeof version === 'number' ? String(version) : version;
  if (!isObject(value) || !isTextOrNull(name) || !isTextOrNull(asText)) {
    throw new GenAIError('ERR_MLFLOW_FORMAT', `${what} must hold the texts "model_name" and "model_version".`, {
      details: { what },
    });
  }
  return { model_name: name, model_version: asText };
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
