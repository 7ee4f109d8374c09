/** The engine's task of node.mjs; engine_task.py is the other side. */

const median = values => values.sort((a, b) => a - b)[values.length >> 1];

/** Tokens per second of all turns together, from the first begin to the last end, each token read with its text. */
export async function engine({ promptTokens, newTokens, atOnce, repeats, ...job }, { load, promptOf, now }) {
  const model = await load(job);
  const engine = await model.createEngine();
  const prompts = Array.from({ length: atOnce }, (_, i) => promptOf(promptTokens + i));

  async function turn(prompt, count) {
    const request = await engine.createRequest({ maxSessionTokens: prompt.length + count });
    const tokens = [];
    let text = '';
    for await (const event of request.beginTurn(prompt, { minNewTokens: count, maxNewTokens: count, text: true })) {
      if (event.type !== 'token') continue;
      tokens.push(event.tokenId);
      text += event.text;
    }
    if (text === '') throw new Error('the turn gave no text');
    await request.close();
    return tokens;
  }

  await Promise.all(prompts.map(prompt => turn(prompt, 16)));
  const rates = [];
  let tokens;
  for (let i = 0; i < repeats; i++) {
    const started = now();
    tokens = await Promise.all(prompts.map(prompt => turn(prompt, newTokens)));
    rates.push((atOnce * newTokens * 1000) / (now() - started));
  }
  await engine.dispose();
  await model.dispose();
  return { rate: median(rates), tokens };
}
