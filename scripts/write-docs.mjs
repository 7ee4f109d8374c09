/**
 * Writes what the docs repeat from the code: the examples in README.md and `docs/`, the error codes, and the limits of
 * structured output.
 *
 *   node --import tsx scripts/write-docs.mjs
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES } from '../src/errors.ts';
import { GUIDANCE_LIMITS } from '../src/guided/limits.ts';
import { isMain } from './lib/plain-error.mjs';
import { root } from './lib/run.mjs';

/** Pages with examples in them. */
export function pagesWithExamples() {
  const pages = readdirSync(join(root, 'docs')).filter(name => name.endsWith('.md'));
  return ['README.md', ...pages.map(name => `docs/${name}`)].filter(page => /^```js$/m.test(read(page)));
}

/** @returns the documents as they should be, by path */
export function documents() {
  return {
    ...Object.fromEntries(pagesWithExamples().map(page => [page, withExamples(page)])),
    'docs/errors.md': errors(),
  };
}

/** The table of limits, from the comments of their interface. */
function limits() {
  const source = read('src/guided/limits.ts');
  const rows = Object.entries(GUIDANCE_LIMITS).map(([name, value]) => {
    const comment = new RegExp(`/\\*\\* (.*) \\*/\\n  readonly ${name}:`).exec(source)?.[1] ?? '';
    return `| \`${name}\` | ${value.toLocaleString('en')} | ${comment.replace(/ Default [\d,]+\.$/, '')} |`;
  });
  return `| Limit | Default | What is measured |\n| --- | --: | --- |\n${rows.join('\n')}`;
}

/** Fills each code block that stands below `<!-- examples/NAME -->` with that file. */
function withExamples(page) {
  return read(page)
    .replaceAll(
      /<!-- (examples\/\S+) -->\n```js\n[\s\S]*?```/g,
      (_, file) => `<!-- ${file} -->\n\`\`\`js\n${read(file)}\`\`\``,
    )
    .replace(/<!-- limits -->[\s\S]*<!-- \/limits -->/, () => `<!-- limits -->\n\n${limits()}\n\n<!-- /limits -->`);
}

function read(path) {
  return readFileSync(join(root, path), 'utf8');
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
