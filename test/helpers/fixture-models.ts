/** Models that are put together for a test: graphs from test/fixtures, weights and tokenizer of the demo model. */
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Model } from '../../src/index.ts';
import { DEMO_MODEL, ROOT } from './demo-model.ts';

const FIXTURES = join(ROOT, 'test', 'fixtures');

/** LoRA adapters for the model `lora`. */
export const ALPHA = join(FIXTURES, 'phi3-inputs', 'alpha.onnx_adapter');
export const BETA = join(FIXTURES, 'phi3-inputs', 'beta.onnx_adapter');

/** A file below test/fixtures/media/pictures. */
export function picture(name: string): string {
  return join(FIXTURES, 'media', 'pictures', name);
}

/** `lora`: the demo model with adapter inputs; `bias`: with an input `hidden_bias`; the others are in make-media-models. */
export type FixtureModel = 'lora' | 'bias' | 'vision' | 'audio';

/** The folder of a model, in a new folder of this checkout that goes when the process ends. */
export function fixtureModel(name: FixtureModel): string {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.cache', 'model-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  if (name === 'lora' || name === 'bias') {
    cpSync(DEMO_MODEL, folder, { recursive: true });
    copyFileSync(join(FIXTURES, 'phi3-inputs', `${name}.onnx`), join(folder, 'model.onnx'));
  } else {
    cpSync(join(FIXTURES, 'media', name), folder, { recursive: true });
    for (const file of ['tokenizer.json', 'tokenizer_config.json'])
      copyFileSync(join(DEMO_MODEL, file), join(folder, file));
  }
  return folder;
}

/** Loads one with two threads, as the Python oracle does. */
export function loadFixtureModel(name: FixtureModel): Promise<Model> {
  return Model.load(fixtureModel(name), { intraOpNumThreads: 2 });
}
