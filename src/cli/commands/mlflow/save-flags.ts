/** What `save` and `log` have in common: the flags that say what goes into the model. */
import { type Command, Option } from 'commander';
import type { SaveModelOptions } from '../../../mlflow/index.ts';
import { UsageError } from '../../errors.ts';
import { findModel } from '../../model.ts';
import { configPair, jsonArgument, several } from './flags.ts';

export interface SaveFlags {
  readonly model?: string;
  readonly task: 'prompt' | 'llm/v1/chat';
  readonly chatSignature?: 'seed' | '3.x';
  readonly inputExample?: string;
  readonly modelConfig?: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly pipRequirement?: readonly string[];
}

/** What the flags say, but for where to write. */
export type SaveOptions = Omit<SaveModelOptions, 'path'>;

export function addSaveOptions(command: Command): Command {
  return command
    .optionsGroup('Model:')
    .option(
      '-m, --model <folder>',
      'model folder (default: $ORT_GENAI_MODEL, else the demo model of a source checkout)',
    )
    .addOption(
      new Option('--task <task>', 'prompt: a raw prompt in, text out; llm/v1/chat: messages in, a completion out')
        .choices(['prompt', 'llm/v1/chat'])
        .default('prompt'),
    )
    .addOption(
      new Option('--chat-signature <kind>', "of llm/v1/chat: MLflow 2's fields, or the wider ones of MLflow 3").choices(
        ['seed', '3.x'],
      ),
    )
    .option('--input-example <json>', 'an input as JSON, or @file; kept with the model')
    .option('--model-config <key=value>', 'search option such as max_length=1000; several times', configPair)
    .option('--metadata <key=value>', 'kept in the MLmodel file; several times', configPair)
    .option('--pip-requirement <text>', 'what Python needs, in place of the default; several times', several);
}

/** @throws {UsageError} when there is no model or the example is no JSON */
export async function saveOptions(flags: SaveFlags): Promise<SaveOptions> {
  const modelDir = findModel(flags);
  if (modelDir === undefined) throw new UsageError('no model was given: use --model <folder> or set ORT_GENAI_MODEL.');
  const { task, chatSignature, inputExample, modelConfig, metadata, pipRequirement } = flags;
  return {
    modelDir,
    ...(task === 'llm/v1/chat' ? { task } : {}),
    ...(chatSignature === undefined ? {} : { chatSignature }),
    ...(inputExample === undefined ? {} : { inputExample: await jsonArgument('--input-example', inputExample) }),
    ...(modelConfig === undefined ? {} : { modelConfig: modelConfig as SaveModelOptions['modelConfig'] }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(pipRequirement === undefined ? {} : { pipRequirements: pipRequirement }),
  };
}
