/** A promise and the function that resolves it (`Promise.withResolvers` came with Node 22). */
export interface Settled {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

export function withResolvers(): Settled {
  let resolve = (): void => {};
  const promise = new Promise<void>(settle => {
    resolve = settle;
  });
  return { promise, resolve };
}
