/** What saving and loading must call the same. */
import { PHI3_ARTIFACT } from '../../phi3/index.ts';

/** Our flavor in an MLmodel file. */
export const FLAVOR = 'onnxruntime_genai';

/** What Python and everyone else loads. */
export const PYFUNC = 'python_function';

/** The artifact that is run; the seed's name. */
export const MODEL_ARTIFACT: typeof PHI3_ARTIFACT = PHI3_ARTIFACT;

/** A prompt string in, a string out. */
export const PROMPT_TASK = 'prompt';

/** Messages in, a completion out. */
export const CHAT_TASK = 'llm/v1/chat';

export type ModelTask = typeof PROMPT_TASK | typeof CHAT_TASK;

/** Sizes and hashes of the artifacts and of the loader, beside the MLmodel file, which names it. */
export const FILE_LIST = 'onnxruntime_genai_files.json';
