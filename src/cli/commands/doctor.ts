/** `ort-genai doctor`: is everything in place, and what to do when it is not. */
import type { Command } from 'commander';
import { type Diagnosis, diagnose, featureNames } from '../diagnosis.ts';
import { addModelOptions, type ModelFlags } from '../options.ts';
import type { Output } from '../output.ts';

interface DoctorFlags extends ModelFlags {
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  ort-genai doctor                                are the libraries found, does the model load?
  ort-genai doctor --model ./phi-3-mini           does this one load?
  ORT_GENAI_HOME=/opt/ort-genai ort-genai doctor  are those libraries good?

Exit code: 0 when all is fine, 1 when not.`;

export function addDoctor(program: Command, output: Output): void {
  const command = program
    .command('doctor')
    .summary('is everything in place, and what to do when not')
    .description('Look for the native libraries and load them and a model, and say what to do about what is wrong.')
    .option('--json', 'write one JSON object instead');
  addModelOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async ({ json = false, ...flags }: DoctorFlags) => {
      const diagnosis = await diagnose(flags, output, json);
      output.write(json ? `${JSON.stringify(diagnosis, null, 2)}\n` : toText(diagnosis));
      process.exitCode = diagnosis.ok ? 0 : 1;
    });
}

function toText(diagnosis: Diagnosis): string {
  const { version, node, platform, ok, advice } = diagnosis;
  const lines = [
    row('ort-genai', version),
    row('Node', `${node} on ${platform}`),
    row('addon', diagnosis.addon.problem ?? 'loaded'),
    ...runtimeRows(diagnosis),
    ...modelRows(diagnosis),
    '',
    ok ? 'All is fine.' : 'Something is wrong.',
  ];
  if (advice.length > 0) lines.push('What to do:', ...advice.map(step => `- ${step}`));
  return `${lines.join('\n')}\n`;
}

function runtimeRows({ runtime, addon }: Diagnosis): string[] {
  const { problem, genaiVersion, onnxruntimeVersion, tried, features } = runtime;
  const state =
    problem === null
      ? `loaded: onnxruntime-genai ${genaiVersion}, ONNX Runtime ${onnxruntimeVersion}`
      : addon.problem === null
        ? problem
        : 'not loaded';
  const rows = [row('runtime', state)];
  for (const { source, directory, problem: reason } of tried) {
    const outcome = reason ?? (problem === null ? 'taken' : 'found');
    rows.push(row('', `- ${source}: ${directory === null ? '' : `${directory}: `}${outcome}`));
  }
  if (features !== null) {
    rows.push(row('features', featureNames(features, true).join(', ') || 'none'));
    const absent = featureNames(features, false);
    if (absent.length > 0) rows.push(row('', `not in this version: ${absent.join(', ')}`));
  }
  return rows;
}

function modelRows({ model, runtime }: Diagnosis): string[] {
  if (model === null) {
    if (runtime.features === null) return [row('model', 'not tried')];
    return [row('model', 'none tried: give one with --model <folder>')];
  }
  const { directory, problem, type, deviceType, loadMs } = model;
  if (problem !== null) return [row('model', problem)];
  return [row('model', `${directory}: ${type} on ${deviceType}, loaded in ${Math.round(loadMs ?? 0)} ms`)];
}

function row(name: string, text: string): string {
  return `${name.padEnd(10)} ${text.replaceAll('\n', `\n${' '.repeat(11)}`)}`;
}
