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

/** Time and memory of `work`, counted from here. */
async function measured(work) {
  const rss = memory('VmRSS');
  const before = performance.now();
  await work();
  return { ms: performance.now() - before, grown: memory('VmHWM') - rss };
}

const TASKS = {
  import: async () => ({ ms: imported }),
  save: () => measured(() => saveModel({ path: directory, modelDir: model })),
  async upload() {
    const client = new MlflowClient();
    const run = await startRun({ client, runName: 'bench' });
    const result = await measured(() => client.uploadDirectory(`${run.info.artifactUri}/model`, model));
    await run.end();
    return result;
  },
  async download() {
    const client = new MlflowClient();
    await client.searchExperiments(); // as Python's worker, it has talked to the server before
    return measured(() => client.downloadDirectory(uri, directory));
  },
};

console.log(JSON.stringify(await TASKS[task]()));
process.exit(0);
