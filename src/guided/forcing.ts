/**
 * Letters that a tokenizer writes as bytes, such as those of "東京" in Phi-3's. Where a grammar leaves one way to go
 * on, the library takes the tokens of the text up to the next choice without asking the model. When that begins within
 * such a letter it takes those of U+FFFD, and fails (seen on 0.18.0: "Parser Error: token ... doesn't satisfy the grammar").
 * Told not to do that (an option of llguidance that only its Lark has), it gives every letter.
 */
import type { GuidanceType } from './response-format.ts';

/** Letters beyond ASCII, or what may mean one. */
const BEYOND_ASCII = /[^\0-\x7f]|\\[xuU]/;

const NO_FORCING = '%llguidance {"no_forcing": true}\n';

export interface GuidanceSource {
  readonly type: GuidanceType;
  readonly data: string;
}

/** The same guidance, with nothing forced where that may go wrong. */
export function withoutForcing(source: GuidanceSource): GuidanceSource {
  const grammar = BEYOND_ASCII.test(source.data) ? asLark(source) : null;
  return grammar === null ? source : { type: 'lark_grammar', data: `${NO_FORCING}${grammar}` };
}

/** Null: it has options of its own, or it cannot be written so. */
function asLark({ type, data }: GuidanceSource): string | null {
  if (type === 'json_schema') return `start: %json ${data}\n`;
  if (type === 'lark_grammar') return data.includes('%llguidance') ? null : data;
  // White space means nothing under the flag x; then a line cannot be written as \n.
  if (/\(\?[a-zA-Z-]*x/.test(data)) return null;
  const pattern = data.replace(/\\[\s\S]|[/\n\r]/g, found => ESCAPED[found] ?? found);
  return `start: /${pattern}/\n`;
}

const ESCAPED: Readonly<Record<string, string>> = {
  '/': '\\/',
  '\n': '\\n',
  '\r': '\\r',
  '\\\n': '\\n',
  '\\\r': '\\r',
};
