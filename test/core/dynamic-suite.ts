/** Suites for the engine with dynamic batching, on two tiny models with paged attention that run on a CPU. */
import type { Test } from 'uvu';
import { capabilities, type Engine, type EngineOptions, type Model } from '../../src/index.ts';
import { COUNTING_PAGED, loadPaged, SYNTHETIC_PAGED } from '../helpers/engine.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

export interface Shared {
  readonly synthetic: Model;
  readonly counting: Model;
  /** What this version has. */
  readonly has: { readonly prefixCache: boolean; readonly rewind: boolean; readonly delimitedGuidance: boolean };
}

/** 0.15 has an engine of another kind: there the suite has one test instead of its own. */
export async function dynamicSuite(name: string): Promise<Test<Shared>> {
  const { features } = await capabilities();
  const test = suite<Shared>(name);
  if (!features.engine) {
    test('a configuration that this version does not know', async () => {
      await expectError(loadPaged(), 'ERR_GENAI_MODEL_INVALID');
    });
    return Object.assign((): void => {}, { ...test, run: test.run }) as Test<Shared>;
  }
  test.before(async context => {
    const { engineCapabilities: since17, delimitedGuidance } = features;
    const has = { prefixCache: since17, rewind: since17, delimitedGuidance };
    const [synthetic, counting] = await Promise.all([loadPaged(SYNTHETIC_PAGED), loadPaged(COUNTING_PAGED)]);
    Object.assign(context, { has, synthetic, counting });
  });
  test.after(async ({ synthetic, counting }) => {
    await synthetic.dispose();
    await counting.dispose();
  });
  return test;
}

/** A new engine for each test: the prefix cache remembers. */
export async function withEngine(
  model: Model,
  work: (engine: Engine) => Promise<void>,
  options: EngineOptions = {},
): Promise<void> {
  await using engine = await model.createEngine(options);
  await work(engine);
}
