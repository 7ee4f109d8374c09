/** Finds the model that a command is to use, and loads it with a sign of life. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Model } from '../index.ts';
import { packageRoot } from '../util/package.ts';
import { UsageError } from './errors.ts';
import { Interrupt } from './interrupt.ts';
import type { ModelFlags } from './options.ts';
import { megabytes, type Output } from './output.ts';
import { startProgress } from './progress.ts';

/** `--model`, else the environment, else the demo model of a source checkout. */
export function findModel({ model }: ModelFlags): string | undefined {
  return model ?? (process.env['ORT_GENAI_MODEL'] || embeddedModel());
}

/** The demo model of a source checkout; an installed package has none. */
function embeddedModel(): string | undefined {
  const folder = join(packageRoot(), 'models', 'phi3-demo');
  return existsSync(folder) ? folder : undefined;
}

/**
 * Loads it. Ctrl-C ends the process here: the library cannot interrupt a load. (Node itself waits at its
 * exit for the thread that loads; another Ctrl-C does not).
 *
 * @param quiet shows no progress
 */
export async function loadModel(flags: ModelFlags, output: Output, quiet = false): Promise<Model> {
  const folder = findModel(flags);
  if (folder === undefined) {
    throw new UsageError(
      'no model was given: use --model <folder> or set ORT_GENAI_MODEL to a folder with a genai_config.json, the ONNX files and the tokenizer.',
    );
  }
  let size = 0;
  const label = (): string => `Loading ${basename(folder)}${size === 0 ? '' : ` (${megabytes(size)})`}…`;
  const stop = quiet ? () => {} : startProgress(output, { label });
  using interrupt = new Interrupt();
  const exit = (): void => {
    stop();
    process.exit(130);
  };
  interrupt.signal.addEventListener('abort', exit);
  try {
    return await Model.load(folder, {
      executionProvider: flags.executionProvider,
      intraOpNumThreads: flags.threads,
      onProgress: ({ sizeInBytes }) => {
        size = sizeInBytes;
      },
    });
  } finally {
    stop();
  }
}
