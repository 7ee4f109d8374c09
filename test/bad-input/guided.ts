/** What cases of guidance and speculation share. */
import * as assert from 'uvu/assert';
import { capabilities, type ErrorCode, GeneratorParams } from '../../src/index.ts';
import { SPAIN } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { type BadCase, invalid, refused, type World } from './case.ts';

export const INVALID: ErrorCode = 'ERR_GENAI_INVALID_ARGUMENT';
export const REFUSED: ErrorCode = 'ERR_GENAI_GUIDANCE_REFUSED';
export const REGEX = { type: 'regex', pattern: 'a+' } as const;

/** Refused by generate, stream, createGenerator and GeneratorParams. */
export function options(code: ErrorCode, text: string, wrong: object): BadCase {
  return refused(code, text, async ({ model }) => {
    await expectError(model.stream(SPAIN, wrong as never).result, code, text);
    await expectError(model.createGenerator(wrong as never), code, text);
    await expectError(() => new GeneratorParams(model, wrong as never), code, text);
    await model.generate(SPAIN, wrong as never);
  });
}

/** Refused, and what was set before stays. */
export function params(text: string, act: (params: GeneratorParams) => unknown): ReturnType<typeof invalid<World>> {
  return invalid<World>(text, async ({ model }) => {
    const { features } = await capabilities();
    const speculative = features.speculativeDecoding ? { maxDraftTokens: 7 } : undefined;
    const given = new GeneratorParams(model, { responseFormat: REGEX, speculative });
    try {
      return await act(given);
    } finally {
      assert.is(given.guidance?.data, 'a+');
      if (speculative !== undefined) assert.is(given.getSpeculative('maxDraftTokens'), 7);
    }
  });
}
