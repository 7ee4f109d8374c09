/** Parameters of a call against the signature: defaults filled in, the others checked. */
import { checkOptions } from '../../../util/options.ts';
import type { EnforceOptions } from './enforce.ts';
import { enforceObject, enforceScalar } from './enforce-value.ts';
import type { ParamSchema, ParamSpec } from './schema-types.ts';
import {
  at,
  elementsOf,
  guarded,
  isList,
  isRecord,
  listNames,
  members,
  misfit,
  type Path,
  rootPath,
  setOwn,
} from './values.ts';

/** Values of all parameters of a call, those in arrays and objects too. */
const MAX_PARAMETERS = 100_000;

/**
 * All parameters of the signature, in its order: those given, and the defaults of the others. Null is a value like any
 * other, and no default. Names that the signature does not have are left out, and told to `onWarning`.
 *
 * @param params undefined or null for none
 * @param schema null for a signature without parameters: then every one given is left out
 * @throws {GenAIError} `ERR_MLFLOW_SIGNATURE` with `details` of `column`, `path`, `expected` and `actual`
 */
export function enforceParams(
  params: Readonly<Record<string, unknown>> | null | undefined,
  schema: ParamSchema | null,
  options: EnforceOptions = {},
): Record<string, unknown> {
  checkOptions(options, ['onWarning']);
  return guarded('parameters', () => {
    const root = rootPath('parameters', MAX_PARAMETERS);
    const given = readParams(params, root);
    const result: Record<string, unknown> = {};
    for (const spec of schema ?? []) {
      const value = given.has(spec.name) ? given.get(spec.name) : spec.default;
      given.delete(spec.name);
      setOwn(result, spec.name, enforceParam(value, spec, at(root, spec.name)));
    }
    if (given.size > 0) {
      const names = listNames(given.keys());
      options.onWarning?.(`The signature does not have the following parameters; they are left out: ${names}.`);
    }
    return result;
  });
}

function readParams(params: unknown, root: Path): Map<string, unknown> {
  if (params === undefined || params === null) return new Map();
  if (!isRecord(params)) throw misfit(root, 'an object', params);
  return new Map(members(params, root));
}

/** One value as its parameter has it: also the default, which a schema holds as JSON does. */
export function enforceParam(value: unknown, spec: ParamSpec, path: Path): unknown {
  if (spec.type === 'object') return enforceObject(value, spec.properties, true, path);
  if (spec.shape === null || spec.shape === undefined) {
    return value === null || value === undefined ? null : enforceScalar(value, spec.type, path);
  }
  if (!isList(value)) throw misfit(path, `an array of ${spec.type}`, value);
  const { type } = spec;
  return elementsOf(value, path).map((item, index) =>
    item === null ? null : enforceScalar(item, type, at(path, index)),
  );
}
