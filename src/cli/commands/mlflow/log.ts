/** `ort-genai mlflow log`: a model folder becomes a logged model of a run, and a version in the registry if asked to. */
import type { Command } from 'commander';
import { EXAMPLES } from '../../../mlflow/flavor/calls.ts';
import { chatRequest } from '../../../mlflow/flavor/chat-request.ts';
import { autolog, logModel, MlflowClient, type Run, withRun } from '../../../mlflow/index.ts';
import { checkAlias, checkLoggedModelName, checkRegisteredModelName } from '../../../mlflow/tracking/check.ts';
import { PHI3_ARTIFACT, Phi3Model, type Phi3Prompt } from '../../../phi3/index.ts';
import { UsageError } from '../../errors.ts';
import type { Output } from '../../output.ts';
import { addServerOptions, type Pairs, pair, type ServerFlags } from './flags.ts';
import { addSaveOptions, type SaveFlags, type SaveOptions, saveOptions } from './save-flags.ts';
import { withProgress } from './transfer.ts';

interface LogFlags extends SaveFlags, ServerFlags {
  readonly name: string;
  readonly experiment?: string;
  readonly runName?: string;
  readonly param?: Pairs;
  readonly tag?: Pairs;
  readonly register?: string;
  readonly alias?: string;
  readonly measure?: true;
}

const HELP = `
Examples:
  ort-genai mlflow log --model ./phi-3-mini --name phi3 --experiment assistants
  ort-genai mlflow log --task llm/v1/chat --register phi3-chat --alias champion --measure

The run is a new one, or the one in MLFLOW_RUN_ID (as under "mlflow run").`;

export function addLog(mlflow: Command, output: Output): void {
  const command = mlflow
    .command('log')
    .summary('log a model to a server, and register it')
    .description('Log a model folder as an MLflow model to a tracking server; --register also makes it a version.')
    .option('--name <name>', 'name of the logged model; without / : . % and quotes', 'phi3')
    .option('--register <name>', 'make it a version of this registered model')
    .option('--alias <alias>', 'let this alias point to the new version; with --register')
    .option('--measure', 'answer the input example once and log what it cost as metrics')
    .optionsGroup('Run:')
    .option('--experiment <name>', 'experiment (default: $MLFLOW_EXPERIMENT_NAME, else Default)')
    .option('--run-name <name>', 'name of the run (default: the server thinks of one)')
    .option('--param <key=value>', 'parameter of the run; several times', pair)
    .option('--tag <key=value>', 'tag of the run; several times', pair);
  addServerOptions(addSaveOptions(command))
    .addHelpText('after', HELP)
    .action((flags: LogFlags) => log(flags, output));
}

async function log(flags: LogFlags, output: Output): Promise<void> {
  const { name, register, alias, trackingUri, experiment, runName, param = {}, tag = {} } = flags;
  if (alias !== undefined && register === undefined) throw new UsageError('--alias needs --register <name>.');
  // What the server would refuse at the end, when the run and its files are there.
  checkLoggedModelName(name);
  if (register !== undefined) checkRegisteredModelName(register);
  if (alias !== undefined) checkAlias(alias);
  const options = await saveOptions(flags);
  await using client = new MlflowClient({ trackingUri });
  await withRun({ client, experimentName: experiment, runName, tags: tag }, async run => {
    await run.logParams(param);
    const model = await withProgress(output, `Logging ${name}`, transfer =>
      logModel({ name, run, client, ...options, ...transfer, ...(register ? { registeredModelName: register } : {}) }),
    );
    if (flags.measure === true) await withProgress(output, 'Measuring', () => measure(run, options));
    const version = model.registeredModelVersion;
    if (register !== undefined && alias !== undefined && version !== undefined) {
      await client.setRegisteredModelAlias(register, alias, version);
    }
    output.write(`${model.modelUri}\n`);
    output.error(
      `${options.modelDir}: run ${run.runId}${version === undefined ? '' : `, ${register} version ${version}`}`,
    );
  });
}

/** Answers the example once; what that cost are metrics of the run. */
async function measure(run: Run, { modelDir = '', task, modelConfig = {}, inputExample }: SaveOptions): Promise<void> {
  await using phi3 = new Phi3Model();
  await phi3.loadContext({ artifacts: { [PHI3_ARTIFACT]: modelDir }, modelConfig });
  await using _ = autolog(run);
  if (task === 'llm/v1/chat') {
    const { messages, options } = chatRequest((inputExample ?? EXAMPLES[task]) as Readonly<Record<string, unknown>>);
    await phi3.chat(messages, options);
  } else await phi3.predict(null, (inputExample ?? EXAMPLES.prompt) as Phi3Prompt);
}
