/** What was measured on: versions and the machine, without names of hosts or folders. */

import { cpus, totalmem } from 'node:os';
import { basename } from 'node:path';

/** @returns {Promise<Record<string, string>>} lines to print, by heading; two runs with equal ones can be compared */
export async function environment({ sides, threads, cores, model }) {
  const ours = await sides.ours.run('versions');
  const python = await sides.python.run('versions');
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return {
    ours: `onnxruntime-genai-node ${ours.package}, onnxruntime-genai ${ours.genai}, ONNX Runtime ${ours.onnxruntime}, Node ${ours.node}`,
    Python: `onnxruntime-genai ${python.genai}, ONNX Runtime ${python.onnxruntime}, Python ${python.python}`,
    machine: `${cpus()[0].model.trim()}, ${cores} cores, ${gibibytes} GiB, ${process.platform} ${process.arch}`,
    threads: `intra_op_num_threads ${threads} on both sides`,
    model: basename(model),
  };
}
