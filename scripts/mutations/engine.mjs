/** Lines of `src/core/engine` to break; see `index.mjs`. */

const request = 'src/core/engine/engine-request.ts';
const options = 'src/core/engine/turn-options.ts';
const engine = 'src/core/engine/engine.ts';
const guidance = 'src/core/engine/guidance.ts';

/** @type {[id: string, file: string, find: string, replace: string][]} */
const LINES = [
  ['turn-without-tokens', request, 'if (checked.length === 0) throw', 'if (checked.length < 0) throw'],
  ['turn-without-room', request, 'if (room >= 1) return room;', 'if (room >= -9e9) return Math.max(1, room);'],
  ['turn-beside-a-turn', request, 'if (!this.#running) return;', 'return;'],
  ['turn-of-a-closed-request', request, 'if (this.#closed !== undefined) throw', 'if (this.#closed === null) throw'],
  [
    'request-closed-twice',
    request,
    'this.#closed ??= this.#close();',
    "if (this.#closed !== undefined) throw new Error('twice'); this.#closed = this.#close();",
  ],
  ['close-after-dispose', request, "if (!isGenAIError(error, 'ERR_GENAI_DISPOSED')) throw error;", 'throw error;'],
  ['rewind-to-any-turn', request, 'if (start === undefined) {', 'if (start === null) {'],
  [
    'drafts-of-any-number',
    request,
    "if (limits.batching !== 'step' && checked.length > maxDraftTokens) {",
    'if (checked.length < 0) {',
  ],
  [
    'code-of-refused-guidance',
    request,
    'return (guidance ?? delimitedGuidance) === undefined ? error : guidanceRefused(error);',
    'return error;',
  ],
  ['turn-read-twice', 'src/core/engine/turn.ts', 'if (this.#read) throw', 'if (this.#read === undefined) throw'],
  ['turn-options-unknown', options, 'checkOptions(options, OPTION_NAMES);', ''],
  [
    'turn-search-options-unchecked',
    options,
    'checkSearchOptions({ temperature, topK, topP, repetitionPenalty, noRepeatNgramSize, seed }, limits);',
    '',
  ],
  ['turn-signal-unchecked', request, 'throwIfAborted(options.signal);', ''],
  ['turn-timeout-unchecked', options, 'if (timeoutMs === undefined) return;', 'if (timeoutMs !== 0.5) return;'],
  ['turn-options-of-dynamic-batching', options, "if (limits.batching === 'static') refuse", 'if (!limits) refuse'],
  ['turn-max-new-tokens', options, 'if (maxNewTokens !== undefined && !(', 'if (maxNewTokens === -7 && !('],
  ['turn-min-new-tokens', options, 'if (!(Number.isInteger(minNewTokens) && ', 'if (minNewTokens === -7 && !('],
  ['turn-do-sample', 'src/core/sampling.ts', "doSample !== 'model' && typeof", "doSample === 'no' as never && typeof"],
  ['turn-stops-of-any-number', options, 'if (texts.length > MOST_STOPS) throw', 'if (texts.length > 1e9) throw'],
  ['turn-stops-of-any-length', options, 'if (bytes > MOST_STOP_BYTES) throw', 'if (bytes > 1e9) throw'],
  ['turn-stops-empty', 'src/core/stop-strings.ts', "if (text === '') throw", "if (text === 'never') throw"],
  [
    'turn-text-unchecked',
    options,
    "if (text !== undefined && typeof text !== 'boolean') throw",
    "if (text === 'never') throw",
  ],
  [
    'turn-format-with-other-limits',
    guidance,
    'planGuidance(format, limits)',
    'planGuidance(format, { of: 1 } as never)',
  ],
  ['turn-format-without-limits', guidance, 'planGuidance(format, limits)', 'planGuidance(format, undefined)'],
  [
    'engine-session-tokens',
    engine,
    'if (!(Number.isInteger(maxSessionTokens) && ',
    'if (maxSessionTokens === -7 && !(',
  ],
  ['engine-on-blocked', engine, "if (onBlocked !== undefined && typeof onBlocked !== 'function') {", 'if (!options) {'],
  ['engine-disposed-twice', engine, 'this.#disposed ??= callNative(', 'this.#disposed = callNative('],
];

export const ENGINE_MUTATIONS = LINES.map(([id, file, find, replace]) => ({
  id,
  file,
  find,
  replace,
  tables: ['engine'],
}));
