/** Model folders that cannot be loaded: there is none, or a copy of the demo model with something broken. */
import { cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type ErrorCode, Model } from '../../src/index.ts';
import { DEMO_MODEL } from '../helpers/demo-model.ts';
import { type BadCase, invalid, refused, type Table, table } from './case.ts';

type Spoil = (folder: string) => void;
type Json = { [key: string]: Json } & { [key: string]: unknown };

const CONFIG = 'genai_config.json';
const NOT_FOUND = 'ERR_GENAI_MODEL_NOT_FOUND';

/** Loads a copy of the demo model that `spoil` has broken; the message must say which folder it was. */
function spoiled(code: ErrorCode, text: string, spoil: Spoil): BadCase {
  return refused(code, text, async ({ folder }) => {
    const copy = join(folder, 'model');
    cpSync(DEMO_MODEL, copy, { recursive: true });
    spoil(copy);
    try {
      await using _ = await Model.load(copy, { intraOpNumThreads: 1 });
    } catch (error) {
      assert.ok((error as Error).message.includes(copy), `the message does not say where: ${String(error)}`);
      throw error;
    }
  });
}

const missing = (text: string, spoil: Spoil): BadCase => spoiled(NOT_FOUND, text, spoil);
const broken = (text: string, spoil: Spoil): BadCase => spoiled('ERR_GENAI_MODEL_INVALID', text, spoil);

/** Edits the `model` section. */
function edit(change: (model: Json) => void): Spoil {
  return folder => {
    const file = join(folder, CONFIG);
    const config = JSON.parse(readFileSync(file, 'utf8')) as Json;
    change(config['model'] as Json);
    writeFileSync(file, JSON.stringify(config));
  };
}

const set = (values: object): Spoil => edit(model => Object.assign(model, values));
const drop = (key: string): Spoil => edit(model => Reflect.deleteProperty(model, key));
const write =
  (name: string, text: string | Buffer): Spoil =>
  folder =>
    writeFileSync(join(folder, name), text);
const remove =
  (name: string): Spoil =>
  folder =>
    rmSync(join(folder, name));
const cut =
  (name: string, bytes: number): Spoil =>
  folder =>
    truncateSync(join(folder, name), bytes);
const replaceByFolder =
  (name: string): Spoil =>
  folder => {
    rmSync(join(folder, name), { recursive: true });
    mkdirSync(join(folder, name));
  };

const WINDOW = { window_size: 127, slide_key_value_cache: false };

const CONFIGS: Table = {
  'config missing': missing(`has no readable ${CONFIG}`, remove(CONFIG)),
  'config a folder': missing(`has no readable ${CONFIG}`, replaceByFolder(CONFIG)),
  'config empty': broken('JSON', write(CONFIG, '')),
  'config cut short': broken('JSON', write(CONFIG, '{"model":')),
  'config an array': broken('it must hold a JSON object', write(CONFIG, '[]')),
  'config null': broken('it must hold a JSON object', write(CONFIG, 'null')),
  'config without model section': broken('model.type must be a string', write(CONFIG, '{}')),
  'config without type': broken('model.type must be a string', drop('type')),
  'config of an unknown type': broken('nonsense', set({ type: 'nonsense' })),
  'config without context_length': broken('model.context_length must be a positive integer', drop('context_length')),
  'config with context_length 0': broken('model.context_length must be a positive', set({ context_length: 0 })),
  'config with a string as vocab_size': broken('model.vocab_size must be a positive', set({ vocab_size: '32064' })),
  'config with an unknown key': broken('nonsense', set({ nonsense: 1 })),
  'config with inputs that slide over a cache that does not': broken(
    'set slide_inputs to false',
    edit(model => Object.assign(model['decoder'] as Json, { sliding_window: WINDOW })),
  ),
  'config without decoder': broken('it names no ONNX file', drop('decoder')),
};

const FILES: Table = {
  'folder empty': missing(`has no readable ${CONFIG}`, folder => {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
  }),
  'ONNX missing': missing(`The ONNX file that ${CONFIG} names does not exist`, remove('model.onnx')),
  'ONNX empty': broken('the ONNX file is empty', cut('model.onnx', 0)),
  'ONNX truncated': broken('model.onnx', cut('model.onnx', 2000)),
  'ONNX garbage': broken('model.onnx', write('model.onnx', Buffer.alloc(5000, 7))),
  'ONNX a folder': broken('it is a folder', replaceByFolder('model.onnx')),
  'weights missing': broken('model.onnx.data', remove('model.onnx.data')),
  'weights truncated': broken('out of bounds or can not be read in full', cut('model.onnx.data', 1_000_000)),
  'weights empty': broken('the file with the weights is empty', cut('model.onnx.data', 0)),
  'tokenizer missing': broken('tokenizer.json', remove('tokenizer.json')),
  'tokenizer empty': broken('The tokenizer in', cut('tokenizer.json', 0)),
  'tokenizer truncated': broken('The tokenizer in', cut('tokenizer.json', 10_000)),
  'tokenizer without content': broken('The tokenizer in', write('tokenizer.json', '{}')),
  'tokenizer_config missing': broken('tokenizer_config', remove('tokenizer_config.json')),
  'tokenizer_config broken': broken('The tokenizer in', write('tokenizer_config.json', '{')),
};

const PATHS: Table = {
  'folder missing': refused(NOT_FOUND, 'The model folder does not exist', ({ folder }) =>
    Model.load(join(folder, 'nowhere')),
  ),
  'folder a file': refused(NOT_FOUND, 'The model path is a file', () => Model.load(join(DEMO_MODEL, 'model.onnx'))),
  'folder with an empty path': invalid('model folder must be the path of a folder, but is ""', () => Model.load('')),
  'folder undefined': invalid('model folder must be a string, but is undefined', () => Model.load(undefined as never)),
  'folder without a prototype': invalid('model folder must be a string, but is object', () =>
    Model.load(Object.create(null) as never),
  ),
  'folder an object': invalid('model folder must be a string, but is object', () => Model.load({} as never)),
  'folder with NUL': invalid('model folder must not contain a NUL', () => Model.load('models\0')),
};

export const FOLDER: Table = table(CONFIGS, FILES, PATHS);
