/** Saving and loading models. */
export type { ChatSignature } from './chat-signature.ts';
export { type LoadModelOptions, loadModel } from './load-model.ts';
export { LoadedModel, type Prediction, type PredictOptions } from './loaded-model.ts';
export type { ModelTask } from './names.ts';
export { type SavedModel, type SaveModelOptions, saveModel } from './save-model.ts';
export type { SaveProgress } from './save-options.ts';
