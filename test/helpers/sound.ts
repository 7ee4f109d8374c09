/** Recordings, made as they are needed. */

export interface SoundOptions {
  readonly samples?: number;
  readonly rate?: number;
  readonly channels?: number;
  /** How high it begins. */
  readonly pitch?: number;
}

/** A WAV file with a tone that rises, 16 bits per sample. */
export function makeSound({ samples = 16_000, rate = 16_000, channels = 1, pitch = 1 }: SoundOptions = {}): Buffer {
  const data = Buffer.alloc(samples * channels * 2);
  for (let i = 0; i < samples * channels; i++) {
    data.writeInt16LE(Math.round(9000 * Math.sin((pitch * i) / 20 + i ** 2 / 160_000)), 2 * i);
  }
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}
