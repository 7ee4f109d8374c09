/** What docs/c-api.md says: every C function with what calls it, or why nothing does. */

import { listedFunctions } from './c-api.mjs';
import { EXCUSED, INTERNAL, METHODS, NOT_EXECUTED } from './c-api-methods.mjs';

const INTRODUCTION = `# The C functions of onnxruntime-genai

Every function that the library exports, from 0.14.1 to 0.18.0, and where it is in this package: the method that calls
it, what it is called for on the way, or why it is not bound. A function that a library is too old for is refused with
\`ERR_GENAI_UNSUPPORTED_BY_LIBRARY\`; \`capabilities()\` tells in advance. A test compares this list with the library, with
the addon and with our classes, and another one sees each bound function called.`;

export function cApiPage() {
  const functions = listedFunctions();
  const groups = [...new Set(functions.map(({ group }) => group))];
  const sections = groups.map(group => {
    const rows = functions.filter(listed => listed.group === group).map(row);
    return `## ${group}\n\n| Function | Here | Versions |\n| --- | --- | --- |\n${rows.join('\n')}`;
  });
  const bound = functions.filter(({ name }) => !Object.hasOwn(EXCUSED, name)).length;
  const counts = `${functions.length} functions: ${bound} bound, ${functions.length - bound} not, each with its reason.`;
  return `${INTRODUCTION}

${counts}

${sections.join('\n\n')}

This page is written by \`npm run docs\` from \`scripts/lib/c-api-methods.mjs\`.
`;
}

function row({ name, since, until }) {
  const versions = until === '' ? since : `${since}, gone in ${until}`;
  return `| \`${name}\` | ${here(name)} | ${versions} |`;
}

function here(name) {
  const untested = Object.hasOwn(NOT_EXECUTED, name) ? ` (no test calls it: ${NOT_EXECUTED[name]})` : '';
  if (Object.hasOwn(METHODS, name)) {
    const [method, ...how] = METHODS[name].split(' ');
    return `\`${method}\`${how.length > 0 ? ` ${how.join(' ')}` : ''}${untested}`;
  }
  if (Object.hasOwn(INTERNAL, name)) return `${INTERNAL[name]}${untested}`;
  return `not bound: ${EXCUSED[name] ?? '?'}`;
}
