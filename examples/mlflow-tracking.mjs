// Log a model with parameters and metrics to a tracking server, register it, load it by its alias.
import { Model } from 'onnxruntime-genai-node';
import { autolog, loadModel, logModel, MlflowClient, withRun } from 'onnxruntime-genai-node/mlflow';

const modelDir = process.argv[2] ?? 'models/phi3-demo';
const client = new MlflowClient({ trackingUri: process.env.MLFLOW_TRACKING_URI ?? 'http://127.0.0.1:5000' });

const version = await withRun({ client, experimentName: 'phi3', runName: 'from Node' }, async run => {
  await run.logParams({ model: modelDir, quantization: 'int4' });

  const logging = autolog(run); // tokens, time to first token, tokens/s of every generation from here on
  const model = await Model.load(modelDir);
  for (const question of ['What is the capital of Spain?', 'Hello!']) {
    await model.generate([{ role: 'user', content: question }]);
  }
  await model.dispose();
  await logging.stop();

  const logged = await logModel({ name: 'phi3', run, modelDir, task: 'llm/v1/chat', registeredModelName: 'phi3-chat' });
  return logged.registeredModelVersion;
});
await client.setRegisteredModelAlias('phi3-chat', 'champion', version);

const champion = await loadModel('models:/phi3-chat@champion', { client });
const messages = [{ role: 'user', content: 'What is the capital of France?' }];
for await (const chunk of champion.predictStream({ messages })) {
  process.stdout.write(chunk.choices[0].delta.content ?? '');
}
console.log();

await champion.dispose();
await client.close();
