/** The command `ort-genai`, given what stands on the command line. */
import { Command, CommanderError } from 'commander';
import { addChat } from './commands/chat.ts';
import { addDoctor } from './commands/doctor.ts';
import { addGenerate } from './commands/generate.ts';
import { addMlflow } from './commands/mlflow/index.ts';
import { reportError } from './errors.ts';
import type { Output } from './output.ts';
import { packageVersion } from './package-info.ts';

const EXAMPLES = `
Examples:
  ort-genai generate "What is the capital of Spain?"    one answer
  ort-genai chat --system "Be concise."                 a conversation
  ort-genai mlflow save ./phi3 --model ./phi-3-mini     an MLflow model for Node and Python
  ort-genai doctor                                      is everything in place?

"ort-genai <command> --help" shows every option with more examples.`;

function createProgram(output: Output): Command {
  const program = new Command('ort-genai')
    .description('Run ONNX Runtime GenAI models, such as Phi-3, inside Node.')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({
      writeOut: text => output.write(text),
      writeErr: text => output.error(text.trimEnd()),
      outputError: (text, write) => write(plainError(text)),
    })
    .addHelpText('after', EXAMPLES);
  addGenerate(program, output);
  addChat(program, output);
  addMlflow(program, output);
  addDoctor(program, output);
  for (const command of program.commands) {
    command.showHelpAfterError(`"ort-genai ${command.name()} --help" shows what there is.`);
  }
  return program.showHelpAfterError('"ort-genai --help" shows what there is.');
}

/** Commander's words in our form, with a hint for the commonest mistake. */
function plainError(text: string): string {
  const hint = text.includes('too many arguments') ? '\nPut a prompt of several words in quotes.' : '';
  return text.trimEnd().replace(/^error: /, 'ort-genai: ') + hint;
}

/**
 * Runs one command to its end and sets the exit code of the process. Never rejects.
 *
 * @param args what stands behind `ort-genai`
 */
export async function run(args: readonly string[], output: Output): Promise<void> {
  try {
    await createProgram(output).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) process.exitCode = reportError(error, output);
    else process.exitCode = error.exitCode === 0 ? 0 : 2;
  }
}
