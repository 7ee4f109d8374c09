/**
 * The one error type of the package and its table of stable codes.
 * Everything that fails, in native code or here, reaches a caller as a `GenAIError`.
 */

/** Every code with the one sentence that documents it. A new code is added here and nowhere else. */
export const ERROR_CODES = {
  ERR_GENAI_RUNTIME_NOT_FOUND: 'The addon or the ONNX Runtime and onnxruntime-genai libraries were not found.',
  ERR_GENAI_RUNTIME_INCOMPATIBLE: 'Libraries were found but cannot be used: wrong version, architecture or file.',
  ERR_GENAI_RUNTIME_LOADED: 'The process has already loaded a runtime; it cannot be changed any more.',
  ERR_GENAI_UNSUPPORTED_BY_LIBRARY: 'The loaded library version does not have the function asked for.',
  ERR_GENAI_MODEL_NOT_FOUND: 'The model folder, its genai_config.json or an ONNX file named there does not exist.',
  ERR_GENAI_MODEL_INVALID: 'The model folder exists but cannot be loaded: a file is broken or incomplete.',
  ERR_GENAI_PROVIDER_UNAVAILABLE: 'The execution provider asked for is unknown or not in this build.',
  ERR_GENAI_INVALID_ARGUMENT: 'An argument has the wrong type or a value out of range.',
  ERR_GENAI_TOKEN_OUT_OF_RANGE: 'A token id is not in the vocabulary of the model.',
  ERR_GENAI_INPUT_TOO_LONG: 'The input leaves no room for a new token.',
  ERR_GENAI_GUIDANCE_REFUSED: 'The schema, regular expression or grammar was refused.',
  ERR_GENAI_NO_OBJECT: 'The answer to generateObject() was cut off, or its schema refuses it.',
  ERR_GENAI_DISPOSED: 'The object was disposed before the call.',
  ERR_GENAI_BUSY:
    'The object is in use: generators, chats and requests of an engine serve one call at a time, streams and turns one reader, and what a running call needs stays as it is.',
  ERR_GENAI_OVERLOADED: 'The queue is full; try again later.',
  ERR_GENAI_OUT_OF_MEMORY: 'Memory for the model or its buffers could not be allocated.',
  ERR_GENAI_ENGINE_DEAD: 'The engine failed and must be rebuilt.',
  ERR_GENAI_NATIVE: 'The library reported an error that has no code of its own.',
  ERR_MLFLOW_FORMAT: 'A file of an MLflow model is missing, broken or contradicts another one.',
  ERR_MLFLOW_FLAVOR: 'The MLflow model has no flavor that can be run here.',
  ERR_MLFLOW_SIGNATURE:
    'An input, an example or a signature does not fit the schema, or the schema cannot be inferred.',
  ERR_MLFLOW_UNSAFE_PATH: 'A path in an MLflow model leaves its directory, or has a name that a server refuses.',
  ERR_MLFLOW_PATH_EXISTS: 'The directory to be written exists already.',
  ERR_MLFLOW_URI: 'A model or artifact URI is malformed or of a kind that is not supported.',
  ERR_MLFLOW_NO_TRACKING_URI: 'No tracking server is named: set MLFLOW_TRACKING_URI or pass trackingUri.',
  ERR_MLFLOW_HTTP: 'The MLflow server refused a request or could not be reached.',
  ERR_MLFLOW_PACKAGE_MISSING: 'An optional npm package that the call needs is not installed.',
  ERR_MLFLOW_TRANSFER: 'A file could not be copied, uploaded or downloaded whole.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Extra facts of an error, by name: `{ argument: 'topP', value: 3 }`. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * Thrown (or rejected with) by every function of this package.
 *
 * @property code stable `ERR_GENAI_*` or `ERR_MLFLOW_*` string; switch on this, never on the message
 * @property details the fields that matter to the code: `argument` and `value` of a refused argument, `option` of an
 *   unknown one, `tokenId` and `index`, `path`, `inputTokens` and `limit`, `provider`, ...
 * @property cause the error below this one, where there is one
 */
export class GenAIError extends Error {
  override readonly name = 'GenAIError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: ErrorDetails } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** True for a `GenAIError`, also one of another copy of this package, optionally with exactly this code. */
export function isGenAIError(error: unknown, code?: ErrorCode): error is GenAIError {
  if (!(error instanceof Error) || error.name !== 'GenAIError') return false;
  const actual = (error as { code?: unknown }).code;
  return typeof actual === 'string' && Object.hasOwn(ERROR_CODES, actual) && (code === undefined || actual === code);
}

/** One grammar for every refused argument: what was wrong, what was expected, what was given. */
export function invalidArgument(name: string, expected: string, actual: unknown): GenAIError {
  return new GenAIError('ERR_GENAI_INVALID_ARGUMENT', `${name} must be ${expected}, but is ${describe(actual)}.`, {
    details: { argument: name, value: actual },
  });
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string')
    return value.length > 60 ? `a string of ${value.length} characters` : JSON.stringify(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') return `an object (${value.constructor?.name ?? 'without prototype'})`;
  if (typeof value === 'function') return 'a function';
  return String(value);
}
