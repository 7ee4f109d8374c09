/**
 * The three files of a model directory that say in which Python it runs, to the letter as MLflow writes them.
 * Source: observed on MLflow 3.17.2.
 */
import { GenAIError, invalidArgument } from '../../errors.ts';
import { stringifyYaml } from './yaml/yaml.ts';

/** Versions of what installs the packages; without one any version does. */
export interface BuildTools {
  /** `3.11.7` or `3.11`. */
  readonly pythonVersion: string;
  readonly pipVersion?: string;
  readonly setuptoolsVersion?: string;
}

export interface CondaEnvironment extends BuildTools {
  /** Requirements as pip takes them: `mlflow==3.17.2`. */
  readonly pipRequirements: readonly string[];
  /** Default `mlflow-env`. */
  readonly name?: string;
}

/** The text of `conda.yaml`. @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` */
export function condaYaml({
  pythonVersion,
  pipVersion,
  pipRequirements,
  name = 'mlflow-env',
}: CondaEnvironment): string {
  checkVersions({ pythonVersion, pipVersion });
  checkRequirements(pipRequirements);
  if (!/^[\w.-]+$/.test(name)) throw invalidArgument('name', 'letters, digits, "_", "." and "-"', name);
  const pip = pipVersion === undefined ? 'pip' : `pip<=${pipVersion}`;
  const dependencies = [`python=${pythonVersion}`, pip, { pip: pipRequirements }];
  return stringifyYaml({ channels: ['conda-forge'], dependencies, name });
}

/** The text of `python_env.yaml`. @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` */
export function pythonEnvYaml({ pythonVersion, pipVersion, setuptoolsVersion }: BuildTools): string {
  checkVersions({ pythonVersion, pipVersion, setuptoolsVersion });
  const pin = (tool: string, version: string | undefined): string =>
    version === undefined ? tool : `${tool}==${version}`;
  // MLflow does not sort this file.
  return [
    { python: pythonVersion },
    { build_dependencies: [pin('pip', pipVersion), pin('setuptools', setuptoolsVersion), 'wheel'] },
    { dependencies: ['-r requirements.txt'] },
  ]
    .map(stringifyYaml)
    .join('');
}

/** The text of `requirements.txt`: no line break at the end. @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` */
export function requirementsTxt(requirements: readonly string[]): string {
  checkRequirements(requirements);
  return requirements.join('\n');
}

function checkVersions(versions: Readonly<Record<string, string | undefined>>): void {
  for (const [name, version] of Object.entries(versions)) {
    if (version === undefined && name !== 'pythonVersion') continue;
    if (typeof version !== 'string' || !/^\d+(?:\.\d+)*\w*$/.test(version)) {
      throw invalidArgument(name, 'a version such as "3.11.7"', version);
    }
  }
}

/** A line break would smuggle in another line. */
function checkRequirements(requirements: readonly string[]): void {
  if (!Array.isArray(requirements)) throw invalidArgument('pipRequirements', 'an array of strings', requirements);
  for (const [index, requirement] of requirements.entries()) {
    if (typeof requirement === 'string' && requirement.trim() !== '' && !/\p{Cc}|\p{Surrogate}/u.test(requirement))
      continue;
    throw new GenAIError(
      'ERR_GENAI_INVALID_ARGUMENT',
      `pipRequirements[${index}] must be one line of text such as "numpy==2.4.6", but is ${JSON.stringify(requirement)}.`,
      { details: { argument: 'pipRequirements', index, value: requirement } },
    );
  }
}
