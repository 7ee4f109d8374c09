/** The Python file that runs a saved model. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../util/package.ts';

export interface LoaderFile {
  /** Name of the Python module. */
  readonly module: string;
  readonly text: string;
}

/**
 * The module is named by its contents: Python keeps a module for as long as it runs, so two models with different loaders
 * under one name would both get the first one, and two models with equal ones may share it.
 */
export async function readLoader(): Promise<LoaderFile> {
  const text = await readFile(join(packageRoot(), 'src/mlflow/flavor/loader.py'), 'utf8');
  const hash = createHash('sha256').update(text).digest('hex');
  return { module: `ort_genai_node_${hash.slice(0, 12)}`, text };
}
