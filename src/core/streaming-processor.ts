import type { NativeStreamingProcessor } from '../binding/addon-media-types.ts';
import { awaitNative } from '../binding/native-error.ts';
import { invalidArgument } from '../errors.ts';
import { checkText } from '../util/text.ts';
import type { Model } from './model.ts';
import { checkModel } from './model-argument.ts';
import { NamedTensors } from './named-tensors.ts';

/** Option of a `StreamingProcessor`. */
export type StreamingOption = 'use_vad' | 'vad_threshold' | 'silence_duration_ms' | 'prefix_padding_ms';

const OPTIONS: readonly string[] = [
  'use_vad',
  'vad_threshold',
  'silence_duration_ms',
  'prefix_padding_ms',
] satisfies StreamingOption[];

/**
 * Live audio, piece by piece, to the inputs of a speech model (type `nemotron_speech`, from 0.18 on also
 * `streaming_enc_dec_asr`). Work runs on native threads, one call after the other, in the order of the calls.
 *
 * For each set that `process()` and at the end `flush()` give: `generator.setInputs(set)`, then steps until `isDone()`.
 */
export class StreamingProcessor {
  readonly #native: NativeStreamingProcessor;
  /** The calls so far; the next one comes after them. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(native: NativeStreamingProcessor) {
    this.#native = native;
  }

  /** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (the model takes no live audio), `ERR_GENAI_DISPOSED` */
  static async create(model: Model): Promise<StreamingProcessor> {
    checkModel('model', model);
    using _ = model.hold();
    const { addon, model: native } = model.native;
    return new StreamingProcessor(await awaitNative(() => addon.createStreamingProcessor(native)));
  }

  /**
   * Takes the next piece of audio.
   *
   * @param samples mono, from -1 to 1, at the sample rate of the model (mostly 16,000 per second); any number
   * @returns the inputs for a generator; null when more audio is needed, or when it was silence
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_DISPOSED`
   */
  async process(samples: Float32Array): Promise<NamedTensors | null> {
    checkSamples(samples);
    const copy = samples.slice(); // it may have to wait
    const native = await this.#inTurn(() => this.#native.process(copy));
    return native === null ? null : new NamedTensors(undefined, native);
  }

  /**
   * The rest of the audio, at its end.
   *
   * @returns the inputs for a generator; null when nothing is left
   * @throws {GenAIError} `ERR_GENAI_DISPOSED`
   */
  async flush(): Promise<NamedTensors | null> {
    const native = await this.#inTurn(() => this.#native.flush());
    return native === null ? null : new NamedTensors(undefined, native);
  }

  /**
   * Sets an option: `use_vad` ("true", "false"), `vad_threshold` ("0" to "1"), `silence_duration_ms`,
   * `prefix_padding_ms` (milliseconds, rounded down to whole chunks of the model).
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_DISPOSED`
   */
  async setOption(name: StreamingOption, value: string): Promise<void> {
    checkOption(name);
    checkText('value', value);
    const number = name !== 'use_vad';
    if (number && !/^\d+(\.\d+)?$/.test(value)) throw invalidArgument('value', `a number >= 0 for ${name}`, value);
    if (!number && !/^(true|false|1|0)$/.test(value)) throw invalidArgument('value', '"true" or "false"', value);
    await this.#inTurn(() => this.#native.setOption(name, value));
  }

  /** The value in effect. @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_DISPOSED` */
  async getOption(name: StreamingOption): Promise<string> {
    checkOption(name);
    return this.#inTurn(() => this.#native.getOption(name));
  }

  #inTurn<T>(call: () => Promise<T>): Promise<T> {
    const result = this.#last.then(() => awaitNative(call));
    this.#last = result.catch(() => {});
    return result;
  }

  dispose(): void {
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function checkOption(name: unknown): void {
  if (typeof name !== 'string' || !OPTIONS.includes(name)) {
    throw invalidArgument('name', `one of ${OPTIONS.join(', ')}`, name);
  }
}

function checkSamples(samples: unknown): void {
  if (!(samples instanceof Float32Array) || samples.length === 0) {
    throw invalidArgument('samples', 'a Float32Array of at least one sample', samples);
  }
  const wrong = samples.findIndex(sample => !Number.isFinite(sample));
  if (wrong >= 0) throw invalidArgument(`samples[${wrong}]`, 'a finite number', samples[wrong]);
}
