/** The message of a search that found nothing. */

import { type RuntimeCandidate, runtimePackage } from './runtime-types.ts';

/** What was tried, why each place failed, and what to do in this situation. */
export function runtimeNotFoundMessage(tried: readonly RuntimeCandidate[]): string {
  const lines = tried.map(
    ({ source, directory, problem }) => `- ${source}${directory ? ` (${directory})` : ''}: ${problem}`,
  );
  const steps = remedies(tried).map(step => `- ${step}`);
  const machine = `${process.platform}-${process.arch}`;
  return [
    `No ONNX Runtime GenAI libraries that can be used on ${machine} were found.`,
    'Tried:',
    ...lines,
    'What to do:',
    ...steps,
  ].join('\n');
}

function remedies(tried: readonly RuntimeCandidate[]): string[] {
  const doctor = 'See what this machine has: npx ort-genai doctor';
  if (tried.some(({ source }) => source === 'option'))
    return ['Correct the option "home": a folder that holds both libraries of one release for this platform.', doctor];
  if (tried.some(({ source }) => source === 'ORT_GENAI_HOME'))
    return ['Unset ORT_GENAI_HOME, or set it to a folder that holds both libraries for this platform.', doctor];
  const checkout = tried.find(({ source }) => source === 'checkout');
  const variant = tried.find(candidate => candidate.variant !== undefined)?.variant ?? 'cpu';
  const name = runtimePackage(process.platform, process.arch, variant);
  const first = checkout
    ? `Fill .runtime/ of this source checkout: npm run runtime${variant === 'cpu' ? '' : ` -- --variant ${variant}`}`
    : `Install the runtime package: npm install --include=optional ${name}`;
  return [first, 'Or set ORT_GENAI_HOME to a folder that holds both libraries, such as your own build.', doctor];
}
