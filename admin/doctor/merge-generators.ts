/** Runs generators side by side and yields what any of them has next; ends them all when it is left early. */
export async function* merged<T>(generators: AsyncGenerator<T>[]): AsyncGenerator<T> {
  const next = (from: AsyncGenerator<T>) => from.next().then((result) => ({ from, result }));
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
    // A segment that is still reading ends after its page: nobody waits for it.
    for (const [from, pending] of running) {
      pending.catch(() => {});
      from.return(undefined).catch(() => {});
    }
  }
}
