/** The flags that commands share, and what they mean to the library. */
import { type Command, InvalidArgumentError } from 'commander';
import { planGeneration } from '../core/generate-plan.ts';
import { type GenerateOptions, isGenAIError } from '../index.ts';
import { UsageError } from './errors.ts';

export interface ModelFlags {
  readonly model?: string;
  readonly executionProvider?: string;
  readonly threads?: number;
}

export interface SamplingFlags {
  readonly maxNewTokens?: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly repetitionPenalty?: number;
  readonly seed?: number;
  readonly numBeams?: number;
  readonly stop?: readonly string[];
}

export function addModelOptions(command: Command): Command {
  return command
    .optionsGroup('Model:')
    .option(
      '-m, --model <folder>',
      'model folder (default: $ORT_GENAI_MODEL, else the demo model of a source checkout)',
    )
    .option('--execution-provider <name>', "where to run: cpu, cuda, dml, ... (default: the model's own choice)")
    .option('--threads <count>', 'threads of one operator (default: all cores)', threads);
}

export function addSamplingOptions(command: Command): Command {
  return command
    .optionsGroup('Answer:')
    .option('-n, --max-new-tokens <count>', 'most tokens to generate (default: 1024)', number)
    .option(
      '-t, --temperature <number>',
      'above 0 samples: higher is more surprising; 0 takes the likeliest token',
      number,
    )
    .option('--top-k <count>', 'sample among the k likeliest tokens', number)
    .option('--top-p <number>', 'sample among the likeliest tokens that make up this probability, 0 to 1', number)
    .option('--repetition-penalty <number>', 'above 1 makes repetition less likely', number)
    .option('--seed <number>', 'the same seed gives the same answer', number)
    .option('--num-beams <count>', 'search with this many beams; not together with sampling', number)
    .option('--stop <text>', 'end the answer before this text; may be given several times', collect);
}

const NAMES = ['maxNewTokens', 'temperature', 'topK', 'topP', 'repetitionPenalty', 'seed', 'numBeams', 'stop'] as const;

/** What the model is not needed for is checked before it is loaded. */
const NO_LIMITS = { contextLength: 2 ** 31 - 1, vocabSize: 2 ** 31 - 1 };

/**
 * @throws {UsageError} when a value is out of range, in the words of the flags
 */
export function generateOptions(flags: SamplingFlags): GenerateOptions {
  const options: GenerateOptions = Object.fromEntries(
    NAMES.filter(name => flags[name] !== undefined).map(name => [name, flags[name]]),
  );
  try {
    planGeneration(options, NO_LIMITS, {});
  } catch (error) {
    throw isGenAIError(error) ? new UsageError(inFlags(error.message)) : error;
  }
  return options;
}

/** `topP must be ...` becomes `--top-p must be ...`. */
function inFlags(message: string): string {
  const name = new RegExp(`\\b(${NAMES.join('|')})\\b`, 'g');
  return message
    .replace('doSample, ', '')
    .replace(name, text => `--${text.replace(/[A-Z]/g, c => `-${c.toLowerCase()}`)}`);
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

function threads(text: string): number {
  const value = number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be an integer of at least 1.');
  return value;
}

function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}
