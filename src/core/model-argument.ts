/** Checks of models that are given to a function; for files that model.ts imports, where `instanceof` would not work. */
import { invalidArgument } from '../errors.ts';
import type { Model } from './model.ts';

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` */
export function checkModel(name: string, model: unknown): asserts model is Model {
  if (typeof (model as Partial<Model> | null)?.hold !== 'function') throw invalidArgument(name, 'a Model', model);
}
