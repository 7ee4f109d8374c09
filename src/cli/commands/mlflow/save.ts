/** `ort-genai mlflow save`: a model folder becomes an MLflow model. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { saveModel } from '../../../mlflow/index.ts';
import { UsageError } from '../../errors.ts';
import type { Output } from '../../output.ts';
import { addSaveOptions, type SaveFlags, saveOptions } from './save-flags.ts';
import { withProgress } from './transfer.ts';

const HELP = `
Examples:
  ort-genai mlflow save ./phi3 --model ./phi-3-mini
  ort-genai mlflow save ./phi3-chat --task llm/v1/chat --model-config max_length=2000
  mlflow models serve -m ./phi3 --env-manager local`;

export function addSave(mlflow: Command, output: Output): void {
  const command = mlflow
    .command('save')
    .summary('write an MLflow model')
    .description('Write a model folder as an MLflow model, which Node and Python load and serve.')
    .argument('<folder>', 'where to write it; must not exist');
  addSaveOptions(command)
    .addOption(
      new Option(
        '--link <kind>',
        'hard: link the model files instead of copying them; who changes one changes both',
      ).choices(['hard']),
    )
    .addHelpText('after', HELP)
    .action(async (path: string, flags: SaveFlags & { readonly link?: 'hard' }) => {
      const options = await saveOptions(flags);
      if (existsSync(join(path, 'genai_config.json'))) {
        throw new UsageError(
          `${path} is a model folder; the argument is where to write. Try: ort-genai mlflow save ${path}-mlflow --model ${path}`,
        );
      }
      const saved = await withProgress(output, `Saving ${path}`, transfer =>
        saveModel({ path, link: flags.link, ...options, ...transfer }),
      );
      output.write(`${saved.path}\n`);
      output.note(`saved ${options.modelDir}`);
    });
}
