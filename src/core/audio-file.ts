/** What kind of recording a file is; the library's decoders refuse what is broken inside. */

/** Why these bytes are refused, or null. */
export function checkAudio(bytes: Uint8Array): string | null {
  if (isWav(bytes) || text(bytes, 0, 4) === 'fLaC' || text(bytes, 0, 3) === 'ID3' || isMpegFrame(bytes)) return null;
  return 'it is neither WAV nor MP3 nor FLAC';
}

function isWav(bytes: Uint8Array): boolean {
  return text(bytes, 0, 4) === 'RIFF' && text(bytes, 8, 12) === 'WAVE';
}

function isMpegFrame([first, second]: Uint8Array): boolean {
  return first === 0xff && ((second ?? 0) & 0xe0) === 0xe0;
}

function text(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
