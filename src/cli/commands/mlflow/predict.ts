/** `ort-genai mlflow predict`: one input, one prediction. */
import { type Command, Option } from 'commander';
import { type LoadedModel, loadModel } from '../../../mlflow/index.ts';
import { isObject, type JsonObject } from '../../../util/objects.ts';
import { UsageError } from '../../errors.ts';
import type { Output } from '../../output.ts';
import { ALLOW_CUSTOM_OPS, addServerOptions, clientOf, jsonArgument, type ServerFlags } from './flags.ts';
import { withProgress } from './transfer.ts';

interface PredictFlags extends ServerFlags {
  readonly input?: string;
  readonly prompt?: string;
  readonly message?: string;
  readonly params?: string;
  readonly json?: true;
  readonly allowCustomOps?: true;
}

const HELP = `
Examples:
  ort-genai mlflow predict ./phi3 --prompt '<|user|>Hello<|end|><|assistant|>'
  ort-genai mlflow predict models:/phi3-chat@champion --message "What is the capital of Spain?"
  ort-genai mlflow predict ./phi3-chat --input '{"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 20}'
  cat input.json | ort-genai mlflow predict runs:/0123/phi3

Without --input, --prompt or --message the input is the JSON on stdin. Texts are written as they are, everything else
as JSON.`;

export function addPredict(mlflow: Command, output: Output): void {
  const command = mlflow
    .command('predict')
    .summary('answer one input')
    .description("Load an MLflow model and answer one input, checked against the model's signature.")
    .argument('<uri>', 'folder, models:/name/1, models:/name@alias, models:/m-..., runs:/id/name')
    .addOption(new Option('-i, --input <json>', 'input as JSON, or @file').conflicts(['prompt', 'message']))
    .addOption(new Option('-p, --prompt <text>', 'raw prompt, for a model that takes one').conflicts('message'))
    .option('--message <text>', 'user message, for a model that takes messages')
    .option('--params <json>', 'parameters of the signature as JSON, or @file')
    .option('--json', 'write texts as JSON, too')
    .option(...ALLOW_CUSTOM_OPS);
  addServerOptions(command)
    .addHelpText('after', HELP)
    .action((uri: string, flags: PredictFlags) => predict(uri, flags, output));
}

async function predict(uri: string, flags: PredictFlags, output: Output): Promise<void> {
  const input = await inputOf(flags);
  const params = flags.params === undefined ? undefined : await paramsOf(flags.params);
  await withProgress(output, `Loading ${uri}`, async ({ signal, onProgress }) => {
    await using model = await loadModel(uri, {
      client: clientOf(flags),
      allowCustomOps: flags.allowCustomOps === true,
      onWarning: message => output.note(message),
      signal,
      onProgress,
    });
    if (model.notice !== undefined) output.note(model.notice);
    print(await model.predict(input, params, { signal }), flags, output);
  });
}

async function inputOf({ input, prompt, message }: PredictFlags): Promise<unknown> {
  if (prompt !== undefined) return { prompt };
  if (message !== undefined) return { messages: [{ role: 'user', content: message }] };
  if (input !== undefined) return jsonArgument('--input', input);
  if (process.stdin.isTTY)
    throw new UsageError('no input was given: use --input, --prompt or --message, or pipe JSON in.');
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  if (text.trim() === '')
    throw new UsageError('the input is empty: use --input, --prompt or --message, or pipe JSON in.');
  return jsonArgument('the input', text);
}

async function paramsOf(text: string): Promise<JsonObject> {
  const params = await jsonArgument('--params', text);
  if (isObject(params)) return params;
  throw new UsageError('--params must be a JSON object.');
}

type Prediction = Awaited<ReturnType<LoadedModel['predict']>>;

function print(prediction: Prediction, { json, message }: PredictFlags, output: Output): void {
  const text = json ? undefined : textOf(prediction, message !== undefined);
  output.write(`${text ?? JSON.stringify(prediction, null, 2)}\n`);
}

function textOf(prediction: Prediction, chat: boolean): string | undefined {
  if (typeof prediction === 'string') return prediction;
  const [completion] = Array.isArray(prediction) ? prediction : [];
  return chat && typeof completion === 'object' ? completion.choices[0]?.message.content : undefined;
}
