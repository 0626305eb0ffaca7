// Work that tells its progress, as a stream that ends with its result.
type Step<P, R> = { done: false; value: P } | { done: true; value: R };

/** Progress is conflated: a reader that is slow sees the latest. Leaving the stream, or the signal, stops the work. */
export async function* streaming<P, R>(
  signal: AbortSignal,
  start: (tell: (progress: P) => void, stop: AbortSignal) => Promise<R>,
): AsyncGenerator<Step<P, R>, void> {
  const left = new AbortController();
  let latest: { value: P } | undefined;
  let arrived = () => {};
  const tell = (value: P) => {
    latest = { value };
    arrived();
  };
  const ended = start(tell, AbortSignal.any([signal, left.signal])).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  try {
    for (;;) {
      const told = new Promise<undefined>((resolve) => {
        arrived = () => resolve(undefined);
        if (latest) resolve(undefined);
      });
      const result = await Promise.race([ended, told]);
      if (result && 'error' in result) throw result.error;
      if (result) {
        yield { done: true, value: result.value };
        return;
      }
      const { value } = latest!;
      latest = undefined;
      yield { done: false, value };
    }
  } finally {
    left.abort();
    await ended;
  }
}
