/** The Node side of the MLflow figures: one job as JSON in the last argument, one line of JSON as the answer. */

import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

const { task, model, directory, uri } = JSON.parse(process.argv.at(-1));

/** Most memory ever resident, and what is resident now, in MiB. */
function memory(name) {
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
}

const started = performance.now();
const { MlflowClient, saveModel, startRun } = await import('onnxruntime-genai-node/mlflow');
const imported = performance.now() - started;

const TASKS = {
  async import() {
    return { ms: imported };
  },
  async save() {
    await saveModel({ path: directory, modelDir: model });
  },
  async upload() {
    const client = new MlflowClient();
    const run = await startRun({ client, runName: 'bench' });
    const before = performance.now();
    await client.uploadDirectory(`${run.info.artifactUri}/model`, model);
    const ms = performance.now() - before;
    await run.end();
    return { ms };
  },
  async download() {
    await new MlflowClient().downloadDirectory(uri, directory);
  },
};

const before = { rss: memory('VmRSS'), at: performance.now() };
const result = (await TASKS[task]()) ?? {};
const grown = memory('VmHWM') - before.rss;
console.log(JSON.stringify({ ms: performance.now() - before.at, grown, ...result }));
process.exit(0);
