import { randomFillSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mlflowEnvironments } from '../../scripts/lib/mlflow.mjs';
import { startMlflowServer } from '../../scripts/lib/mlflow-server.mjs';
import { pairs, pick } from '../lib/pairs.mjs';
import { row } from '../lib/rows.mjs';
import { mlflowSides } from '../lib/sides.mjs';

const MB = 1_000_000;

/** A folder that looks like a model and is as large as a small one. */
function makeFolder(folder, megabytes) {
  const model = { type: 'phi3', context_length: 4096, vocab_size: 32064, decoder: { filename: 'model.onnx' } };
  writeFileSync(join(folder, 'genai_config.json'), JSON.stringify({ model, search: {} }));
  writeFileSync(join(folder, 'tokenizer.json'), '{}');
  writeFileSync(join(folder, 'model.onnx'), 'not a model');
  const file = openSync(join(folder, 'model.onnx.data'), 'w');
  const block = Buffer.alloc(MB);
  for (let i = 0; i < megabytes; i++) writeSync(file, randomFillSync(block));
  closeSync(file);
}

/** Packaging and transfer against `cp` and against Python's client on the same server. */
export default {
  id: 'mlflow',
  title: 'MLflow',
  async run(context) {
    const { quick } = context;
    const megabytes = quick ? 8 : 700;
    const temporary = mkdtempSync(join(tmpdir(), 'bench-mlflow-'));
    const model = mkdtempSync(join(temporary, 'model-'));
    makeFolder(model, megabytes);
    const { GENAI_MLFLOW } = await mlflowEnvironments();
    const server = await startMlflowServer(GENAI_MLFLOW);
    try {
      const sides = mlflowSides(GENAI_MLFLOW, server.url);
      const measured = { ...context, sides };
      const count = quick ? 1 : context.pairs;
      const target = (pair, name) => join(temporary, `out-${name}-${pair}`);
      const task = (kind, extra = () => ({})) =>
        pairs(measured, count, async (side, pair, name) => {
          const directory = target(pair, name);
          const result = await side.run(kind, { model, directory, ...extra(name) });
          rmSync(directory, { recursive: true, force: true });
          return result;
        });
      const imports = await pairs(measured, count, side => side.run('import'));
      const saves = await task('save');
      // The first transfers after the start of a server are several times slower.
      const first = await sides.python.run('upload', { model });
      await sides.python.run('download', { uri: first.uri, directory: join(temporary, 'warm-up') });
      const uploads = await task('upload');
      const source = uploads.python.at(-1).uri;
      const downloads = await task('download', () => ({ uri: source }));
      const times = (id, label, results) => row(id, label, 'ms', 'lower', ...pick(results, r => r.ms));
      const memory = (id, label, results) => row(id, label, 'MiB', 'lower', ...pick(results, r => r.grown));
      return {
        rows: [
          times('mlflow-import', 'import (Python: import mlflow)', imports),
          row(
            'mlflow-save-cp',
            `saveModel, ${megabytes} MB (Python: cp -r)`,
            'ms',
            'lower',
            ...pick(saves, r => r.copyMs ?? r.ms),
          ),
          times('mlflow-save', 'the same (Python: cp -r and sync)', saves),
          times('mlflow-upload', `upload of ${megabytes} MB through the proxy`, uploads),
          times('mlflow-download', `download of ${megabytes} MB through the proxy`, downloads),
          row(
            'mlflow-save-rss',
            'saveModel: memory grown',
            'MiB',
            'lower',
            saves.ours.map(r => r.grown),
            null,
          ),
          memory('mlflow-upload-rss', 'upload: memory grown', uploads),
          memory('mlflow-download-rss', 'download: memory grown', downloads),
        ],
      };
    } finally {
      await server.stop();
      rmSync(temporary, { recursive: true, force: true });
    }
  },
};
