/** The embedded demo model, and prompts that it knows. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Model, type ModelLoadOptions } from '../../src/index.ts';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const DEMO_MODEL = join(ROOT, 'models', 'phi3-demo');

/** Loads it with two threads, as the Python oracle does, so that both compute the same floats. */
export function loadDemoModel(options: ModelLoadOptions = {}): Promise<Model> {
  return Model.load(DEMO_MODEL, { intraOpNumThreads: 2, ...options });
}

/** The prompt text of one question, as the model's chat template writes it. */
export function ask(question: string): string {
  return `<|user|>\n${question}<|end|>\n<|assistant|>\n`;
}

export const SPAIN = ask('What is the capital of Spain?');
export const STORY = ask('Tell me a long story about the sea.');
export const ATOM_JOKE =
  '<|system|>You are a stand-up comedian.<|end|><|user|>Tell me a joke about atom<|end|><|assistant|>';

/** A prompt of `count` ordinary tokens that mean nothing; another one for each `which`. */
export function noise(count: number, which = 0): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => 300 + ((i * 7919 + which * 104_729) % 30000));
}
