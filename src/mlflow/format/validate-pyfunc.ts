/** What MLflow needs of the flavor `python_function`, the only one that it loads, serves and predicts by itself. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path/posix';
import { isObject } from '../../util/objects.ts';
import { MLMODEL_FILE, type MLmodel } from './mlmodel.ts';
import { resolveInside } from './safe-path.ts';
import { isPlace, type Problem, problem } from './validate-problem.ts';

type Fields = Readonly<Record<string, unknown>>;

const FLAVOR = `${MLMODEL_FILE}: flavors.python_function`;

/** Loaders that read a pickled class, and those that run a file with code, where the flavor names one. */
const CLASS_LOADERS = /^mlflow\.pyfunc\.(?:model|loaders\.(?:chat_model|chat_agent|responses_agent|code_model))$/;

export async function checkPythonFunction(directory: string, model: MLmodel): Promise<Problem[]> {
  const flavor = model.flavors['python_function'];
  if (flavor === undefined) {
    const others = Object.keys(model.flavors).join(', ') || 'none';
    return [problem('error', `${MLMODEL_FILE}: flavors`, `There is no flavor "python_function" (flavors: ${others}).`)];
  }
  const loader = flavor['loader_module'];
  return [
    ...(await checkLoader(directory, loader, flavor)),
    ...('data' in flavor ? await isPlace(directory, flavor['data'], `${FLAVOR}.data`, 'error') : []),
    ...(typeof loader === 'string' && CLASS_LOADERS.test(loader) ? await checkClass(directory, flavor) : []),
    ...(await checkEnvironment(directory, flavor)),
  ];
}

async function checkLoader(directory: string, loader: unknown, flavor: Fields): Promise<Problem[]> {
  const field = `${FLAVOR}.loader_module`;
  if (typeof loader !== 'string' || loader === '') {
    return [problem('error', field, 'It must name the Python module that loads the model.')];
  }
  const code = flavor['code'] ?? null;
  const isInstalled = /^mlflow(?:\.|$)/.test(loader);
  if (code === null) {
    const message = `Without "code", the module ${loader} must be installed where the model is loaded.`;
    return isInstalled ? [] : [problem('warning', field, message)];
  }
  const problems = await isPlace(directory, code, `${FLAVOR}.code`, 'warning');
  const isUnsafe = problems.some(({ severity }) => severity === 'error');
  if (isUnsafe || isInstalled || (await isModule(directory, String(code), loader))) return problems;
  return [problem('error', field, `There is no module ${loader} below ${JSON.stringify(code)}.`)];
}

async function isModule(directory: string, code: string, loader: string): Promise<boolean> {
  const path = `${code}/${loader.replaceAll('.', '/')}`;
  const candidates = [`${path}.py`, path];
  for (const candidate of candidates) {
    const found = await resolveInside(directory, candidate, 'the loader module')
      .then(stat)
      .catch(() => null);
    if (found !== null) return true;
  }
  return false;
}

async function checkClass(directory: string, flavor: Fields): Promise<Problem[]> {
  const script = flavor['model_code_path'];
  const pickle = flavor['python_model'] ?? null;
  // MLflow takes the last part of a path on the machine where the model was saved.
  if (typeof script === 'string') {
    return [
      ...(await isPlace(directory, basename(script), `${FLAVOR}.model_code_path`, 'error')),
      ...(await checkArtifacts(directory, flavor)),
    ];
  }
  if (pickle === null)
    return [problem('error', `${FLAVOR}.python_model`, 'It must name the file with the pickled class.')];
  return [
    ...(await isPlace(directory, pickle, `${FLAVOR}.python_model`, 'error')),
    ...(await checkArtifacts(directory, flavor)),
  ];
}

async function checkArtifacts(directory: string, flavor: Fields): Promise<Problem[]> {
  const field = `${FLAVOR}.artifacts`;
  if (!('artifacts' in flavor)) return [];
  const artifacts = flavor['artifacts'];
  if (!isObject(artifacts)) return [problem('error', field, 'It must be a mapping of names to {path, uri}.')];
  const problems: Problem[] = [];
  for (const [name, artifact] of Object.entries(artifacts)) {
    if (isObject(artifact) && 'path' in artifact) {
      problems.push(...(await isPlace(directory, artifact['path'], `${field}.${name}.path`, 'error')));
    } else problems.push(problem('error', `${field}.${name}`, 'It must be a mapping with "path".'));
  }
  return problems;
}

async function checkEnvironment(directory: string, flavor: Fields): Promise<Problem[]> {
  const field = `${FLAVOR}.env`;
  const env = flavor['env'];
  if (!isObject(env) || !('virtualenv' in env)) {
    const message = 'It should be a mapping with "conda" and "virtualenv": without it a Docker image gets any Python.';
    return [
      problem('warning', field, message),
      ...(typeof env === 'string' ? await isPlace(directory, env, field, 'warning') : []),
    ];
  }
  const problems: Problem[] = [];
  for (const name of ['conda', 'virtualenv']) {
    const file = env[name] ?? null;
    if (file !== null) problems.push(...(await isPlace(directory, file, `${field}.${name}`, 'warning')));
  }
  return problems;
}
