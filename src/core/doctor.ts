/** The look into the runtime for `ort-genai doctor`. */
export { diagnoseRuntime, type RuntimeDiagnosis } from '../binding/runtime.ts';
