/** `ort-genai mlflow register` and `load`: into the registry, and out of it. */
import type { Command } from 'commander';
import { loadModel, MlflowClient, registerModel } from '../../../mlflow/index.ts';
import { checkAlias } from '../../../mlflow/tracking/check.ts';
import type { Output } from '../../output.ts';
import { ALLOW_CUSTOM_OPS, addServerOptions, type Pairs, pair, type ServerFlags } from './flags.ts';
import { withProgress } from './transfer.ts';

interface RegisterFlags extends ServerFlags {
  readonly alias?: string;
  readonly tag?: Pairs;
}

interface LoadFlags extends ServerFlags {
  readonly check?: boolean;
  readonly allowCustomOps?: true;
}

export function addRegister(mlflow: Command, output: Output): void {
  const command = mlflow
    .command('register')
    .summary('make a logged model a version of a registered model')
    .description('Make a logged model a new version of a registered model, which is created when it is new.')
    .argument('<uri>', 'models:/m-... or runs:/id/name')
    .argument('<name>', 'registered model')
    .option('--alias <alias>', 'let this alias point to the new version')
    .option('--tag <key=value>', 'tag of the version; several times', pair);
  addServerOptions(command).action(async (uri: string, name: string, flags: RegisterFlags) => {
    if (flags.alias !== undefined) checkAlias(flags.alias);
    await using client = new MlflowClient({ trackingUri: flags.trackingUri });
    const { version } = await registerModel(uri, name, { client, tags: flags.tag });
    if (flags.alias !== undefined) await client.setRegisteredModelAlias(name, flags.alias, version);
    output.write(`models:/${name}/${version}\n`);
  });
}

export function addLoad(mlflow: Command, output: Output): void {
  const command = mlflow
    .command('load')
    .summary('download a model and see that it loads')
    .description('Download a model into a folder, check its files against what was recorded, and load it once.')
    .argument('<uri>', 'models:/name/1, models:/name@alias, models:/m-..., runs:/id/name, mlflow-artifacts:/...')
    .argument('<folder>', 'where to put it; must not exist')
    .option('--no-check', 'do not load it after the download')
    .option(...ALLOW_CUSTOM_OPS);
  addServerOptions(command).action(async (uri: string, folder: string, flags: LoadFlags) => {
    await using client = new MlflowClient({ trackingUri: flags.trackingUri });
    const directory = await withProgress(output, `Downloading ${uri}`, transfer =>
      client.downloadModel(uri, folder, transfer),
    );
    if (flags.check !== false) {
      await withProgress(output, `Loading ${folder}`, async ({ signal }) => {
        await (
          await loadModel(directory, { verify: 'hash', allowCustomOps: flags.allowCustomOps === true, signal })
        ).dispose();
      });
    }
    output.write(`${directory}\n`);
  });
}
