/** Texts that a tokenizer must survive: made from a seed, so that every run asks the same. */

const PIECES = [
  'the', 'capital', 'Of', ' ', '  ', '\n', '\n\n', '\t', '.', ', ', '!?', 'tokenizer', 'über', 'naïve', 'ſ', 'İstanbul',
  '東京', 'こんにちは', '안녕하세요', 'привет', 'مرحبا', 'שלום', 'ไทย', 'हिन्दी', '👋', '👩‍👩‍👧‍👦', '🇪🇸', '🏴‍☠️', 'e\u0301', '\u200b', '\u00a0', '\ufeff',
  '123', '3.14', '0x1F', '{"a": [1, 2]}', '</div>', 'http://example.com/?q=1&r=2', 'snake_case', 'camelCase', '%20', '\\n',
  '▁', '<0x0A>', '<|', '|>', 'end', 'A', 'zzzzzzzz', '𝔘𝔫𝔦', '∑∞', '—', '“quoted”', "don't", '\r\n', '\u0001', '\u007f', '\uffff',
] as const; // biome-ignore format: a table

const CONTROL_TOKENS = [
  '<unk>', '<s>', '</s>', '<|endoftext|>', '<|assistant|>', '<|placeholder1|>', '<|placeholder2|>', '<|placeholder3|>',
  '<|placeholder4|>', '<|system|>', '<|end|>', '<|placeholder5|>', '<|placeholder6|>', '<|user|>',
] as const; // biome-ignore format: a table

/** Linear congruential numbers below `n` (Numerical Recipes constants). */
function random(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return n => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

/** `count` texts: each piece and each control token alone, then mixtures of up to 40 pieces. */
export function makeStrings(count: number): string[] {
  const next = random(20260101);
  const all = [...PIECES, ...CONTROL_TOKENS];
  const strings: string[] = ['', ...all, ...CONTROL_TOKENS.map(token => `a ${token} b${token}\n${token}`)];
  while (strings.length < count) {
    const length = 1 + next(40);
    strings.push(Array.from({ length }, () => all[next(all.length)]).join(next(3) === 0 ? ' ' : ''));
  }
  return strings;
}
