/**
 * What real MLflow would refuse in a model directory, or take otherwise than its author thinks.
 * Source: observed on MLflow 3.17.2.
 */
import { type GenAIError, isGenAIError } from '../../errors.ts';
import { readInputExample } from './input-example.ts';
import { MLMODEL_FILE, type MLmodel, readMLmodel, signatureOf } from './mlmodel.ts';
import { readTextInside } from './read-file.ts';
import type { Schema } from './schema/schema-types.ts';
import { isPlace, type Problem, problem } from './validate-problem.ts';
import { checkPythonFunction } from './validate-pyfunc.ts';
import { duplicateKey, MAX_YAML_LENGTH } from './yaml/yaml.ts';

export type { Problem } from './validate-problem.ts';

/**
 * Problems of a model directory, errors first. None means that MLflow loads it, as far as its files can tell: no code
 * of the model is run.
 *
 * Two kinds of errors are ours alone, MLflow would not see them: paths that leave the directory, and files that break
 * the bounds of `parseYaml`.
 */
export async function validateModelDirectory(directory: string): Promise<Problem[]> {
  let model: MLmodel;
  try {
    model = await readMLmodel(directory);
  } catch (error) {
    return [fromError(error, MLMODEL_FILE)];
  }
  const problems = [
    ...(await checkKeys(directory)),
    ...checkSignature(model),
    ...(await checkPythonFunction(directory, model)),
    ...(await checkExample(directory, model)),
    ...checkFields(model),
  ];
  return problems.sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'));
}

async function checkKeys(directory: string): Promise<Problem[]> {
  const text = await readTextInside(directory, MLMODEL_FILE, 'The MLmodel file', MAX_YAML_LENGTH);
  const message = duplicateKey(text, 'The MLmodel file');
  return message === null ? [] : [problem('warning', MLMODEL_FILE, `${message} MLflow takes the last one.`)];
}

function checkSignature(model: MLmodel): Problem[] {
  const path = `${MLMODEL_FILE}: signature`;
  try {
    const signature = signatureOf(model);
    if (signature === null) {
      return [problem('warning', path, 'There is no signature: MLflow checks no input and shows no schema.')];
    }
    return [...unsure(signature.inputs, `${path}.inputs`), ...unsure(signature.outputs, `${path}.outputs`)];
  } catch (error) {
    return [fromError(error, path)];
  }
}

/** Columns that MLflow makes optional without being asked to. */
function unsure(schema: Schema | null, path: string): Problem[] {
  return (schema ?? [])
    .filter(column => column.type !== 'tensor' && column.required === undefined)
    .map(({ name, type }) => {
      const which = name === undefined ? 'A column' : `The column ${JSON.stringify(name)}`;
      return problem('warning', path, `${which} of type ${type} has no "required": MLflow takes it as optional.`);
    });
}

async function checkExample(directory: string, model: MLmodel): Promise<Problem[]> {
  const path = `${MLMODEL_FILE}: saved_input_example_info`;
  const problems: Problem[] = [];
  try {
    await readInputExample(directory, model);
  } catch (error) {
    const found = fromError(error, path);
    // MLflow loads the model all the same, and has no example then.
    problems.push(isGenAIError(error, 'ERR_MLFLOW_FORMAT') ? { ...found, severity: 'warning' } : found);
  }
  const serving = model.saved_input_example_info?.serving_input_path;
  if (serving !== undefined)
    problems.push(...(await isPlace(directory, serving, `${path}.serving_input_path`, 'warning')));
  return problems;
}

function checkFields(model: MLmodel): Problem[] {
  const problems: Problem[] = [];
  if (typeof model.model_id === 'string') {
    const message = `MLflow asks its tracking server for ${model.model_id} when it describes the model; a server that does not know it makes that fail.`;
    problems.push(problem('warning', `${MLMODEL_FILE}: model_id`, message));
  }
  const variables = model['env_vars'] ?? null;
  if (variables !== null && !(Array.isArray(variables) && variables.every(name => typeof name === 'string'))) {
    problems.push(
      problem('error', `${MLMODEL_FILE}: env_vars`, 'The names of environment variables must be a list of texts.'),
    );
  }
  return problems;
}

function fromError(error: unknown, path: string): Problem {
  if (!isGenAIError(error)) throw error;
  return problem('error', path, (error as GenAIError).message);
}
