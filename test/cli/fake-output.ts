import { Output, type OutputStream } from '../../src/cli/output.ts';

/** Keeps what is written to it. */
class FakeStream implements OutputStream {
  text = '';
  readonly isTTY: boolean;
  fail: (error: NodeJS.ErrnoException) => void = () => {};

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }

  on(_event: 'error', listener: (error: NodeJS.ErrnoException) => void): void {
    this.fail = listener;
  }
}

export interface FakeOutput {
  readonly stdout: FakeStream;
  readonly stderr: FakeStream;
  readonly output: Output;
}

export function fakeOutput(isTTY: boolean, env: Record<string, string> = {}): FakeOutput {
  const [stdout, stderr] = [new FakeStream(isTTY), new FakeStream(isTTY)];
  return { stdout, stderr, output: new Output(stdout, stderr, env) };
}
