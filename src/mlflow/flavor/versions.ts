/** Versions that a saved model names. */
/** The MLflow whose files we write, and that a model's environment installs. */
export const MLFLOW_VERSION = '3.17.2';

/** The official onnxruntime-genai that runs the model in Python; Node's default library is the same. */
export const GENAI_VERSION = '0.18.0';

/** Python of a model's environment: genai has wheels for it, and `python:3.11.7-slim` is what MLflow builds images on. */
export const PYTHON_VERSION = '3.11.7';

/** What pip calls the library with these execution providers. */
export function genaiPackage(providers: readonly string[]): string {
  const variants: Readonly<Record<string, string>> = { cuda: 'cuda', dml: 'directml' };
  const variant = providers.map(provider => variants[provider.toLowerCase()]).find(name => name !== undefined);
  return variant === undefined ? 'onnxruntime-genai' : `onnxruntime-genai-${variant}`;
}
