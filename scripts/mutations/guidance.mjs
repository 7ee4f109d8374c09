/** Lines of structured output to break, for `mutate.mjs`. A limit is never taken away: what it holds off ends machines. */

const formats = 'src/guided/response-format.ts';
const limits = 'src/guided/limits.ts';
const guided = 'src/core/guided-generator.ts';
const params = 'src/core/generator-params.ts';
const speculation = 'src/core/speculation.ts';
const object = 'src/core/generate-object.ts';
const standard = 'src/guided/standard-schema.ts';

const mutation = (tables, id, file, find, replace) => ({ id, file, find, replace, tables });

export const GUIDANCE_MUTATIONS = [
  ['format-of-any-type', formats, 'if (!isObject(format)) throw', 'if (!isObject(format)) void'],
  [
    'format-type',
    formats,
    "throw invalidArgument('responseFormat.type',",
    "void invalidArgument('responseFormat.type',",
  ],
  ['format-with-other-fields', formats, 'if (other === undefined) return;', 'return;'],
  ['format-without-text', formats, "if (text === '') throw", "if (text === '-') throw"],
  [
    'schema-of-any-type',
    formats,
    "if (!isObject(schema)) throw invalidArgument('responseFormat.schema'",
    "if (!isObject(schema)) void invalidArgument('responseFormat.schema'",
  ],
  ['upstream-type', formats, "throw invalidArgument('type',", "return undefined; invalidArgument('type',"],
  [
    'upstream-schema',
    formats,
    '  } catch (cause) {\n    const message = `data',
    '  } catch (cause) {\n    throw cause;\n    const message = `data',
  ],
  [
    'schema-that-is-no-data',
    'src/guided/plain-data.ts',
    "'ERR_GENAI_INVALID_ARGUMENT',\n    `A schema",
    "'ERR_GENAI_NATIVE',\n    `A schema",
  ],
  [
    'schema-in-a-circle',
    'src/guided/plain-data.ts',
    'if (above.includes(item)) return',
    'if (above.length > 1e9) return',
  ],
  [
    'schema-with-surrogates',
    'src/guided/plain-data.ts',
    "checkText(path, text.replaceAll('\\0', ' '));",
    'void [path, text];',
  ],
  [
    'grammar-that-is-none',
    'src/guided/lark-lexer.ts',
    "return new GenAIError('ERR_GENAI_GUIDANCE_REFUSED'",
    "return new GenAIError('ERR_GENAI_NATIVE'",
  ],
  ['limits-of-any-value', limits, 'throw invalidArgument(`guidanceLimits', 'void invalidArgument(`guidanceLimits'],
  [
    'code-of-limits',
    limits,
    "'ERR_GENAI_GUIDANCE_REFUSED',\n    `responseFormat",
    "'ERR_GENAI_NATIVE',\n    `responseFormat",
  ],
  [
    'code-of-references',
    'src/guided/screen-schema.ts',
    "'ERR_GENAI_GUIDANCE_REFUSED',\n      `The schema",
    "'ERR_GENAI_NATIVE',\n      `The schema",
  ],
  [
    'code-of-refusals-by-the-library',
    guided,
    "return new GenAIError('ERR_GENAI_GUIDANCE_REFUSED'",
    "return new GenAIError('ERR_GENAI_NATIVE'",
  ],
  ['guidance-of-beams', guided, 'if (numBeams > 1) throw', 'if (numBeams > 99) throw'],
  ['forced-tokens-of-rows', guided, 'if (batchSize > 1) throw', 'if (batchSize > 99) throw'],
  [
    'forced-tokens-shared-buffer',
    guided,
    'if (search.pastPresentShareBuffer === true) {',
    'if (search.pastPresentShareBuffer === null) {',
  ],
  [
    'forced-tokens-no-flag',
    guided,
    "typeof forcedForwardTokens !== 'boolean') {",
    "typeof forcedForwardTokens === 'symbol') {",
  ],
  ['options-without-format', guided, 'if (value !== undefined) throw', 'if (value === null) throw'],
  [
    'beams-after-guidance',
    params,
    'if (this.#guidance !== undefined) checkWithGuidance',
    'if (this.#guidance === null) checkWithGuidance',
  ],
  [
    'guidance-after-beams',
    params,
    'if (guidance !== undefined) checkWithGuidance(this.#options',
    'if (guidance === null) checkWithGuidance(this.#options',
  ],
  [
    'guidance-set-before-it-is-checked',
    params,
    'this.useGuidance(planGuidanceOptions({ ...options',
    'this.#guidance = undefined;\n    this.useGuidance(planGuidanceOptions({ ...options',
  ],
]
  .map(entry => mutation(['guidance', 'object'], ...entry))
  .concat(
    [
      ['ngram-of-one', speculation, 'if (ngramSize === 1) throw', 'if (ngramSize === -1) throw'],
      [
        'chain-without-ngram',
        speculation,
        'if (ngramChainedLookup === true && ngramSize === 0) {',
        'if (ngramChainedLookup === null) {',
      ],
      [
        'speculation-of-rows',
        speculation,
        'if (ngramSize === 0 || (batchSize === 1 && numBeams === 1)) return;',
        'return;',
      ],
      [
        'speculation-numbers',
        speculation,
        'if (values[name] !== undefined) checkNumber',
        'if (values[name] === -7) checkNumber',
      ],
      [
        'speculation-flags',
        speculation,
        "if (value !== undefined && typeof value !== 'boolean') throw",
        'if (value === -7) throw',
      ],
      ['speculation-read', params, 'if (!SPECULATIVE_NAMES.includes(name)) throw', "if (name === '') throw"],
      [
        'speculation-set-before-it-is-checked',
        params,
        'checkSpeculation(merged);\n    refuseSpeculationOfRows(merged, this.#options);',
        'this.#speculation = merged;\n    checkSpeculation(merged);',
      ],
      [
        'rows-after-speculation',
        params,
        'refuseSpeculationOfRows(this.#speculation, merged);',
        'void refuseSpeculationOfRows;',
      ],
    ].map(entry => mutation(['speculation'], ...entry)),
    [
      [
        'object-of-no-model',
        object,
        "throw invalidArgument('model', 'a Model', model);",
        "void invalidArgument('model', 'a Model', model);",
      ],
      [
        'object-without-options',
        object,
        "if (!isObject(options)) throw invalidArgument('options'",
        "if (options === null) throw invalidArgument('options'",
      ],
      ['object-with-a-format', object, 'if (value !== undefined) throw', 'if (value === null) throw'],
      ['object-with-two-schemas', object, "throw invalidArgument('jsonSchema',", "void invalidArgument('jsonSchema',"],
      [
        'object-without-a-schema',
        object,
        "if (!isObject(schema)) throw invalidArgument('schema'",
        "if (schema === 0) throw invalidArgument('schema'",
      ],
      ['object-cut-off', object, 'if (!cut) throw noObject', 'throw noObject'],
      ['object-not-validated', object, 'if (outcome.issues === undefined) return', 'return'],
      ['object-validated-to-nothing', object, 'if (!isObject(outcome)) throw', 'if (outcome === null) throw'],
      ['code-of-no-object', object, "new GenAIError('ERR_GENAI_NO_OBJECT'", "new GenAIError('ERR_GENAI_NATIVE'"],
      [
        'standard-without-json-schema',
        standard,
        "if (typeof jsonSchema?.input !== 'function') {",
        'if (jsonSchema === null) {',
      ],
      [
        'standard-that-cannot-tell',
        standard,
        '  } catch (cause) {\n    throw new',
        '  } catch (cause) {\n    throw cause;\n    throw new',
      ],
    ].map(entry => mutation(['object'], ...entry)),
  );
