import type { ErrorCode } from '../../src/index.ts';
import { features } from '../helpers/since.ts';

/** Codes of a wrong argument; before 0.16 some functions are missing, which may be told first. */
export const REFUSALS: readonly unknown[] = [
  'ERR_GENAI_INVALID_ARGUMENT' satisfies ErrorCode,
  ...(features.engine ? [] : ['ERR_GENAI_UNSUPPORTED_BY_LIBRARY' satisfies ErrorCode]),
];
