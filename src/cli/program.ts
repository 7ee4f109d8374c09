/** The command `ort-genai`, given what stands on the command line. */
import { Command, CommanderError } from 'commander';
import { packageVersion } from '../util/package.ts';
import { addChat } from './commands/chat.ts';
import { addDoctor } from './commands/doctor.ts';
import { addGenerate } from './commands/generate.ts';
import { reportError } from './errors.ts';
import type { Output } from './output.ts';

const EXAMPLES = `
Examples:
  ort-genai generate "What is the capital of Spain?"    one answer
  ort-genai chat --system "Be concise."                 a conversation
  ort-genai mlflow save ./phi3 --model ./phi-3-mini     an MLflow model for Node and Python
  ort-genai doctor                                      is everything in place?

"ort-genai <command> --help" shows every option with more examples.`;

async function createProgram(args: readonly string[], output: Output): Promise<Command> {
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
  await addMlflow(program, args, output);
  addDoctor(program, output);
  for (const command of program.commands) {
    command.showHelpAfterError(`"ort-genai ${command.name()} --help" shows what there is.`);
  }
  return program.showHelpAfterError('"ort-genai --help" shows what there is.');
}

/** Its modules would make up a third of the start of every other command: they are loaded where it is meant. */
async function addMlflow(program: Command, args: readonly string[], output: Output): Promise<void> {
  if (args.includes('mlflow')) (await import('./commands/mlflow/index.ts')).addMlflow(program, output);
  else program.command('mlflow').summary('package, log, register and load MLflow models');
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
    await (await createProgram(args, output)).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) process.exitCode = reportError(error, output);
    else process.exitCode = error.exitCode === 0 ? 0 : 2;
  }
}
