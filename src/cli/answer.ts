import type { GenerateResult, TokenStream } from '../index.ts';
import type { Output } from './output.ts';
import { startProgress } from './progress.ts';

/** Writes an answer to stdout while it is generated, and ends it with a line end. */
export async function printAnswer(stream: TokenStream, output: Output): Promise<GenerateResult> {
  const stop = startProgress(output, { label: () => 'Reading the prompt…', plain: false });
  let last = '\n';
  try {
    for await (const text of stream.text) {
      stop();
      output.write(text);
      last = text;
    }
    return await stream.result;
  } finally {
    stop();
    if (!last.endsWith('\n')) output.write('\n');
  }
}
