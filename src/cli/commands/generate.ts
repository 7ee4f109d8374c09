/** `ort-genai generate`: one prompt, one answer. */
import type { Command } from 'commander';
import type { GenerateInput, GenerateResult, Model } from '../../index.ts';
import { printAnswer } from '../answer.ts';
import { UsageError } from '../errors.ts';
import { Interrupt } from '../interrupt.ts';
import { loadModel } from '../model.ts';
import {
  addModelOptions,
  addSamplingOptions,
  generateOptions,
  type ModelFlags,
  type SamplingFlags,
} from '../options.ts';
import { type Output, usageLine } from '../output.ts';

interface GenerateFlags extends ModelFlags, SamplingFlags {
  readonly system?: string;
  readonly raw?: true;
  readonly json?: true;
  readonly usage?: true;
}

const EXAMPLES = `
Examples:
  ort-genai generate "What is the capital of Spain?"
  cat question.txt | ort-genai generate --system "Be concise."
  ort-genai generate --temperature 0.8 --seed 7 "Tell me a joke about atom"
  ort-genai generate --json "What is 2+2?" | jq .usage
  ort-genai generate --raw $'<|user|>\\nWhat is 2+2?<|end|>\\n<|assistant|>\\n'

The prompt is one chat message, and control tokens in it are plain text. With --raw it is the whole prompt as the
model sees it. A prompt from stdin loses one line end at its end, but not with --raw.
Exit code: 0, 1 after an error, 2 for a wrong command line, 130 after Ctrl-C.`;

export function addGenerate(program: Command, output: Output): void {
  const command = program
    .command('generate')
    .summary('answer one prompt')
    .description('Answer one prompt: the argument, or what comes from stdin. The answer is written as it is generated.')
    .argument('[prompt]', 'text to answer; "-" reads it from stdin')
    .option('-s, --system <text>', 'system message that goes before the prompt')
    .option('--raw', 'the prompt is not a chat message: control tokens in it count')
    .option('--json', 'write one JSON object with text, finishReason, usage and metrics instead')
    .option('--usage', 'write token counts and speed to stderr, also when that is not a terminal');
  addModelOptions(addSamplingOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (prompt: string | undefined, flags: GenerateFlags) => {
      process.exitCode = await generate(prompt, flags, output);
    });
}

async function generate(argument: string | undefined, flags: GenerateFlags, output: Output): Promise<number> {
  const { raw = false, json = false, usage = output.terminal && !json, system } = flags;
  const options = generateOptions(flags);
  if (raw && system !== undefined) throw new UsageError('--system does not go with --raw: write it into the prompt.');
  const prompt = argument === undefined || argument === '-' ? await readStdin(argument, raw) : argument;
  if (prompt === '') throw new UsageError('the prompt is empty.');

  await using model = await loadModel(flags, output, json);
  using interrupt = new Interrupt();
  const signal = AbortSignal.any([interrupt.signal, output.closed]);
  const stream = model.stream(toInput(prompt, raw, system), { ...options, signal, onAbort: 'return' });
  const result = json ? await stream.result : await printAnswer(stream, output);
  if (json) output.write(`${JSON.stringify(toJson(result, model))}\n`);
  if (usage && !output.closed.aborted) output.note(usageLine(result));
  return interrupt.signal.aborted ? 130 : 0;
}

function toInput(prompt: string, raw: boolean, system: string | undefined): GenerateInput {
  if (raw) return prompt;
  const user = { role: 'user', content: prompt } as const;
  return system === undefined ? [user] : [{ role: 'system', content: system }, user];
}

async function readStdin(argument: string | undefined, raw: boolean): Promise<string> {
  if (argument === undefined && process.stdin.isTTY) {
    throw new UsageError('no prompt was given: add it as an argument, or pipe it in ("-" reads it from the keyboard).');
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const text = new TextDecoder().decode(Buffer.concat(chunks));
  return raw ? text : text.replace(/\r?\n$/, '');
}

function toJson(result: GenerateResult, model: Model): object {
  const { text, finishReason, matchedStop = null, usage, metrics } = result;
  const { directory, type, deviceType } = model;
  return { text, finishReason, matchedStop, usage, metrics, model: { directory, type, deviceType } };
}
