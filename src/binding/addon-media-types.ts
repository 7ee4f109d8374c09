/** What the addon has for tensors and media. See addon-types.ts. */

import type { NativeTokenizerStream } from './addon-types.ts';

export interface NativeTensor {
  /** The number of the element type, as in ONNX. */
  type(): number;
  shape(): number[];
  /** The tensor's own memory; a copy where the engine takes no memory from outside. To be called once. */
  data(): ArrayBuffer;
  dispose(): void;
}

export interface NativeNamedTensors {
  get(name: string): NativeTensor | null;
  set(name: string, tensor: NativeTensor): void;
  delete(name: string): void;
  names(): string[];
  dispose(): void;
}

export interface NativeImages {
  dispose(): void;
}

export interface NativeAudios {
  dispose(): void;
}

export interface NativeMultiModalProcessor {
  process(
    prompts: readonly string[],
    batch: boolean,
    images: NativeImages | null,
    audios: NativeAudios | null,
  ): Promise<NativeNamedTensors>;
  decode(tokens: Int32Array): Promise<string>;
  createStream(): NativeTokenizerStream;
  dispose(): void;
}

export interface NativeStreamingProcessor {
  /** Null: more audio is needed. */
  process(samples: Float32Array): Promise<NativeNamedTensors | null>;
  flush(): Promise<NativeNamedTensors | null>;
  setOption(key: string, value: string): Promise<void>;
  getOption(key: string): Promise<string>;
  dispose(): void;
}
