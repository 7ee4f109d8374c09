/** Types of the scheduler. */
import { expectTypeOf } from 'expect-type';
import { type Model, Scheduler, type SchedulerStats, type SubmitOptions, type TokenStream } from '../../src/index.ts';

declare const model: Model;
declare const scheduler: Scheduler;

expectTypeOf(Scheduler.create(model)).resolves.toEqualTypeOf<Scheduler>();
expectTypeOf(
  Scheduler.create('folder', { maxBatchSize: 4, maxWaiting: 8, chunkSize: 64 }),
).resolves.toEqualTypeOf<Scheduler>();
expectTypeOf(scheduler.submit('text')).toEqualTypeOf<TokenStream>();
expectTypeOf(scheduler.submit([{ role: 'user', content: 'Hi' }], { minP: 0.1, seed: 1 })).toEqualTypeOf<TokenStream>();
expectTypeOf(scheduler.stats()).resolves.toEqualTypeOf<SchedulerStats>();
expectTypeOf<SubmitOptions['presencePenalty']>().toEqualTypeOf<number | undefined>();
// @ts-expect-error: beams are for model.generate()
scheduler.submit('text', { numBeams: 2 });
// @ts-expect-error: a number is neither a model nor a folder
Scheduler.create(5);
