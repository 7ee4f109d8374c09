/** Generators driven step by step. */
import type { Generator, Model } from '../../src/index.ts';

/** Takes `count` steps, or goes on to the end, and returns the tokens that were chosen (row 0). */
export async function steps(generator: Generator, count = Number.POSITIVE_INFINITY): Promise<number[]> {
  const tokens: number[] = [];
  while (tokens.length < count && !generator.isDone()) {
    await generator.generateNextToken();
    tokens.push(generator.getNextTokens()[0] as number);
  }
  return tokens;
}

/** What a fresh generator chooses after `prompt`. */
export async function fresh(model: Model, prompt: Int32Array | readonly number[], count: number): Promise<number[]> {
  await using generator = await model.createGenerator({ maxLength: prompt.length + count });
  await generator.appendTokens(prompt);
  return await steps(generator, count);
}

export function argmax(values: Float32Array): number {
  return values.reduce((best, value, i) => (value > (values[best] as number) ? i : best), 0);
}
