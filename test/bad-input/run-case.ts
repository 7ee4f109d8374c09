/** Does one bad thing, looks at what comes of it, and proves that the process goes on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Model } from '../../src/index.ts';
import { Phi3Model } from '../../src/phi3/index.ts';
import { DEMO_MODEL, loadDemoModel, SPAIN } from '../helpers/demo-model.ts';
import { type BadCase, HELD, outcome } from './case.ts';

/** What all cases share. */
export interface Shared {
  readonly model: Model;
  readonly phi3: Phi3Model;
}

/** A good model that no longer answers, or a generator that is no longer what it was: the next cases mean nothing. */
export class Harm extends Error {}

const LIMIT_MS = 30_000;
const ANSWER = 'The capital of';

export async function openShared(): Promise<Shared> {
  const phi3 = new Phi3Model();
  await phi3.loadContext({ artifacts: { 'phi3-mini-onnx': DEMO_MODEL } });
  const shared = { model: await loadDemoModel({ intraOpNumThreads: 1 }), phi3 };
  await demandAnswer(shared.model);
  return shared;
}

export async function closeShared({ model, phi3 }: Shared): Promise<void> {
  await Promise.all([model.dispose(), phi3.dispose()]);
}

export async function runCase(shared: Shared, badCase: BadCase): Promise<void> {
  const generator = await shared.model.createGenerator({ maxLength: 50 });
  const folder = mkdtempSync(join(tmpdir(), 'bad-input-'));
  try {
    await generator.appendTokens(HELD);
    await withinLimit(outcome(badCase, { ...shared, generator, folder }));
    try {
      await withinLimit(demandAnswer(shared.model));
      assert.equal([...generator.getSequence()], HELD);
    } catch (cause) {
      throw new Harm(`harm was done: ${(cause as Error).message}`, { cause });
    }
  } finally {
    await generator.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function demandAnswer(model: Model): Promise<void> {
  assert.is((await model.generate(SPAIN, { maxNewTokens: 3 })).text, ANSWER);
}

async function withinLimit(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Harm(`not settled within ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
