/**
 * Writes what the docs repeat from the code: the examples in README.md and other pages, and the error codes.
 *
 *   node --import tsx scripts/write-docs.mjs
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES } from '../src/errors.ts';
import { isMain } from './lib/plain-error.mjs';
import { root } from './lib/run.mjs';

/** Pages with examples in them. */
const WITH_EXAMPLES = ['README.md', 'docs/mlflow.md', 'docs/engine.md'];

/** @returns the documents as they should be, by path */
export function documents() {
  return {
    ...Object.fromEntries(WITH_EXAMPLES.map(page => [page, withExamples(page)])),
    'docs/errors.md': errors(),
  };
}

/** Fills each code block that stands below `<!-- examples/NAME -->` with that file. */
function withExamples(page) {
  return readFileSync(join(root, page), 'utf8').replaceAll(
    /<!-- (examples\/\S+) -->\n```js\n[\s\S]*?```/g,
    (_, file) => `<!-- ${file} -->\n\`\`\`js\n${readFileSync(join(root, file), 'utf8')}\`\`\``,
  );
}

function errors() {
  const rows = Object.entries(ERROR_CODES).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  return `# Error codes

Everything that fails does so with a \`GenAIError\`: switch on its \`code\`, never on its message. \`details\` holds the
facts that matter to the code (the option, the token id, the path), \`cause\` the error below. An aborted call rejects
with the reason of its signal instead.

| Code | Meaning |
| --- | --- |
${rows.join('\n')}

This page is written by \`npm run docs\` from \`src/errors.ts\`.
`;
}

if (isMain(import.meta.url)) {
  for (const [path, text] of Object.entries(documents())) writeFileSync(join(root, path), text);
}
