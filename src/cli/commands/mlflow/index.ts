/** `ort-genai mlflow`: save, log, register, load, predict, describe, validate. */
import type { Command } from 'commander';
import type { Output } from '../../output.ts';
import { addDescribe, addValidate } from './describe.ts';
import { addLog } from './log.ts';
import { addPredict } from './predict.ts';
import { addLoad, addRegister } from './registry.ts';
import { addSave } from './save.ts';

export function addMlflow(program: Command, output: Output): void {
  const mlflow = program
    .command('mlflow')
    .summary('package, log, register and load MLflow models')
    .description(
      'MLflow models that Node and Python share: package, log, register, load, predict, describe, validate.',
    );
  addSave(mlflow, output);
  addLog(mlflow, output);
  addRegister(mlflow, output);
  addLoad(mlflow, output);
  addPredict(mlflow, output);
  addDescribe(mlflow, output);
  addValidate(mlflow, output);
  for (const command of mlflow.commands) {
    command.showHelpAfterError(`"ort-genai mlflow ${command.name()} --help" shows what there is.`);
  }
}
