/** `ort-genai mlflow describe` and `validate`: what is in a model, and whether MLflow would take it. */
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Command } from 'commander';
import { isGenAIError } from '../../../errors.ts';
import { readFileList, verifyFiles } from '../../../mlflow/flavor/file-list.ts';
import { FLAVOR } from '../../../mlflow/flavor/names.ts';
import { makeTemporaryFolder } from '../../../mlflow/flavor/temporary-folder.ts';
import {
  describeModel,
  MlflowClient,
  type Problem,
  readInputExample,
  readMLmodel,
  validateModelDirectory,
} from '../../../mlflow/index.ts';
import { listTree } from '../../../mlflow/tracking/files/remote-tree.ts';
import { parseModelUri } from '../../../mlflow/tracking/model-uri.ts';
import { Interrupt } from '../../interrupt.ts';
import type { Output } from '../../output.ts';
import { addServerOptions, type ServerFlags } from './flags.ts';
import { localModel } from './local-model.ts';

export function addDescribe(mlflow: Command, output: Output): void {
  const command = mlflow
    .command('describe')
    .summary('show flavors, signature, example and files')
    .description('Show what an MLflow model is: flavors, signature, example and files.')
    .argument('<uri>', 'folder, models:/name/1, models:/name@alias, models:/m-..., runs:/id/name');
  addServerOptions(command).action(async (uri: string, flags: ServerFlags) => {
    output.write(
      parseModelUri(uri).kind === 'path' ? await describeLocal(uri, flags, output) : await describeRemote(uri, flags),
    );
  });
}

async function describeLocal(uri: string, flags: ServerFlags, output: Output): Promise<string> {
  await using model = await localModel(uri, flags, output);
  const { directory } = model;
  const mlmodel = await readMLmodel(directory);
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter(entry => entry.isFile())
      .map(async entry => {
        const path = join(entry.parentPath, entry.name);
        return { path: relative(directory, path).replaceAll(sep, '/'), size: (await stat(path)).size };
      }),
  );
  return describeModel(mlmodel, files, await readInputExample(directory, mlmodel));
}

/** Of a model on a server only what is shown is fetched. */
async function describeRemote(uri: string, flags: ServerFlags): Promise<string> {
  using interrupt = new Interrupt();
  const { signal } = interrupt;
  await using client = new MlflowClient({ trackingUri: flags.trackingUri });
  await using folder = await makeTemporaryFolder('ort-genai-describe-');
  const { artifactUri } = await client.resolveModelUri(uri, { signal });
  const listed = await listTree(client.openStore(artifactUri), '', signal);
  const fetch = async (path: string): Promise<void> => {
    if (!listed.some(file => file.path === path)) return; // whoever reads it says that it is missing
    await client.downloadFile(artifactUri, path, join(folder.path, path), { signal });
  };
  await fetch('MLmodel');
  const mlmodel = await readMLmodel(folder.path);
  const example = mlmodel.saved_input_example_info?.artifact_path;
  if (example !== undefined) await fetch(example);
  const files = listed.map(({ path, fileSize = 0 }) => ({ path, size: fileSize }));
  return describeModel(mlmodel, files, await readInputExample(folder.path, mlmodel));
}

export function addValidate(mlflow: Command, output: Output): void {
  const command = mlflow
    .command('validate')
    .summary('find what MLflow would refuse')
    .description(
      'Check an MLflow model for what real MLflow refuses or warns of. Exit code 1 when it would be refused.',
    )
    .argument('<uri>', 'folder or URI, as for describe');
  command.option('--hash', 'compare the files with what was saved, byte by byte (default: their sizes)');
  addServerOptions(command).action(async (uri: string, flags: ServerFlags & { readonly hash?: true }) => {
    await using model = await localModel(uri, flags, output);
    const problems = await validateModelDirectory(model.directory);
    problems.push(...(await differences(model.directory, flags.hash === true ? 'hash' : 'size')));
    for (const { severity, path, message } of problems) output.write(`${severity}: ${path}: ${message}\n`);
    const errors = problems.filter(({ severity }) => severity === 'error').length;
    output.error(errors === 0 ? `${uri}: MLflow takes it.` : `${uri}: ${errors} errors.`);
    if (errors > 0) process.exitCode = 1;
  });
}

/** What has changed since the model was saved, as MLflow would not notice. */
async function differences(directory: string, by: 'size' | 'hash'): Promise<Problem[]> {
  try {
    const { flavors } = await readMLmodel(directory);
    const files = flavors[FLAVOR]?.['files'];
    if (files !== undefined) await verifyFiles(directory, await readFileList(directory, files), by);
    return [];
  } catch (error) {
    if (!isGenAIError(error)) throw error;
    return [{ severity: 'error', path: 'files', message: error.message }];
  }
}
