/** One thing that is wrong with a model directory. */
import { stat } from 'node:fs/promises';
import { isGenAIError } from '../../errors.ts';
import { resolveInside } from './safe-path.ts';

export interface Problem {
  /** An error makes MLflow, or us, refuse the model. */
  readonly severity: 'error' | 'warning';
  /** Where: a file, or a field of the MLmodel file as in `MLmodel: flavors.python_function.data`. */
  readonly path: string;
  readonly message: string;
}

export function problem(severity: Problem['severity'], path: string, message: string): Problem {
  return { severity, path, message };
}

/** The problems of a path that a field names: outside of the directory (always an error), or not there. */
export async function isPlace(
  directory: string,
  relative: unknown,
  field: string,
  severity: Problem['severity'],
): Promise<Problem[]> {
  try {
    const path = await resolveInside(directory, relative, field);
    await stat(path);
    return [];
  } catch (error) {
    if (isGenAIError(error)) return [problem('error', field, error.message)];
    return [problem(severity, field, `There is no ${JSON.stringify(relative)} in the directory.`)];
  }
}
