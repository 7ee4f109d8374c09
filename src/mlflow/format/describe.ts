/** A model as a person wants to read about it. */
import { isGenAIError } from '../../errors.ts';
import { isObject } from '../../util/objects.ts';
import type { InputExample } from './input-example.ts';
import { type MLmodel, signatureOf } from './mlmodel.ts';
import { pythonJson } from './python/python-json.ts';
import { formatSignature } from './schema/signature.ts';
import { YamlTimestamp } from './yaml/yaml-scalars.ts';

/** A file of a model directory. */
export interface ModelFile {
  /** Relative, with `/`. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
}

/**
 * Sections with a title each: what the model is, flavors, signature, input example, metadata, files. A signature that
 * cannot be read is told, not thrown. Control characters are shown as escapes, since the names may be a stranger's.
 *
 * @returns several lines, the last with a line break
 */
export function describeModel(
  model: MLmodel,
  files: readonly ModelFile[],
  example: InputExample | null = null,
): string {
  const sections = [
    title(model),
    section(
      'Flavors',
      Object.entries(model.flavors).map(([name, flavor]) => describeFlavor(name, flavor)),
    ),
    verbatim('Signature', describeSignature(model)),
    verbatim('Input example', example === null ? '' : formatExample(example)),
    section('Metadata', describeMembers(model.metadata ?? {})),
    section(`Files (${formatSize(files.reduce((total, file) => total + file.size, 0))})`, describeFiles(files)),
  ];
  return `${printable(sections.filter(text => text !== '').join('\n\n'))}\n`;
}

/**
 * An example as one types it in Python: `{"prompt": "Hello!",}`, and for a chat each field for itself:
 * `messages = [{"role": "user", "content": "Hello!"}]`.
 */
export function formatExample({ input, params }: InputExample): string {
  const call = params === null ? [] : [`params = ${pythonLiteral(params)}`];
  if (!isObject(input)) return [pythonLiteral(input), ...call].join('\n');
  const members = Object.entries(input);
  if ('messages' in input)
    return [...members.map(([name, item]) => `${name} = ${pythonLiteral(item)}`), ...call].join('\n');
  const shown = members.map(([name, item]) => `${pythonLiteral(name)}: ${pythonLiteral(item)},`);
  return [`{${shown.join(' ')}}`, ...call].join('\n');
}

function title(model: MLmodel): string {
  const id = model.model_id ?? model.model_uuid ?? null;
  const created = model.utc_time_created ?? null;
  const lines = [
    `MLflow model${id === null ? '' : ` ${id}`}`,
    typeof model.mlflow_version === 'string' ? `  MLflow ${model.mlflow_version}` : '',
    created === null ? '' : `  created ${created} UTC`,
    typeof model.run_id === 'string' ? `  run ${model.run_id}` : '',
  ];
  return lines.filter(line => line !== '').join('\n');
}

function section(name: string, lines: readonly string[]): string {
  return lines.length === 0
    ? ''
    : [
        name,
        ...lines
          .join('\n')
          .split('\n')
          .map(line => `  ${line}`),
      ].join('\n');
}

/** Not indented, so that it can be compared with other texts to the letter, and copied. */
function verbatim(name: string, text: string): string {
  return text === '' ? '' : `${name}\n${text}`;
}

function describeFlavor(name: string, flavor: Readonly<Record<string, unknown>>): string {
  return [name, ...describeMembers(flavor).map(line => line.replace(/^/gm, '  '))].join('\n');
}

function describeMembers(members: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(members).map(([key, value]) => `${key}: ${formatValue(value)}`);
}

function formatValue(value: unknown): string {
  const plain = toPlain(value);
  return typeof plain === 'string' ? plain : pythonJson(plain);
}

/** What YAML can hold and JSON cannot, as something to read. */
function toPlain(value: unknown): unknown {
  if (value instanceof YamlTimestamp) return value.text;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof Set) return [...value].map(toPlain);
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlain(item)]));
}

function describeSignature(model: MLmodel): string {
  try {
    const signature = signatureOf(model);
    return signature === null ? 'none: inputs are not checked' : formatSignature(signature);
  } catch (error) {
    if (!isGenAIError(error)) throw error;
    return `cannot be read: ${error.message}`;
  }
}

function describeFiles(files: readonly ModelFile[]): string[] {
  const sizes = files.map(file => formatSize(file.size));
  const width = Math.max(0, ...sizes.map(size => size.length));
  return files.map((file, index) => `${(sizes[index] ?? '').padStart(width)}  ${file.path}`);
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

function formatSize(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const size = bytes / 1000 ** power;
  return `${power === 0 ? size : size.toFixed(1)} ${UNITS[power]}`;
}

/** JSON is Python but for three words. Other than in JSON, letters outside of ASCII are left readable. */
function pythonLiteral(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`;
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object') return pythonJson(value);
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${pythonLiteral(item)}`);
  return `{${members.join(', ')}}`;
}

/** A terminal obeys control characters: without them no name can move the cursor or set a title. */
function printable(text: string): string {
  return text.replace(/[^\P{C}\n]/gu, char => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}
