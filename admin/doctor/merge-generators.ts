/**
 * Runs generators concurrently and yields their values in the order in which they arrive. When the caller stops early, it ends
 * them all.
 * @throws the first error of any of them
 */
export async function* mergeGenerators<T>(generators: AsyncGenerator<T>[]): AsyncGenerator<T> {
  const next = (from: AsyncGenerator<T>) => {
    const pending = from.next().then((result) => ({ from, result }));
    // It may fail while the caller works with a value. The next race throws the error; until then, it must not end the program.
    pending.catch(() => {});
    return pending;
  };
  const running = new Map(generators.map((from) => [from, next(from)]));
  try {
    while (running.size > 0) {
      const { from, result } = await Promise.race(running.values());
      if (result.done) running.delete(from);
      else {
        running.set(from, next(from));
        yield result.value;
      }
    }
  } finally {
    // Does not wait for `return()`: a generator that is reading a page ends by itself after that page.
    for (const from of running.keys()) from.return(undefined).catch(() => {});
  }
}
