import { setTimeout as wait } from 'node:timers/promises';

/** Holds whoever reads to a number of items per second, taken together; without one it never waits. */
export function newRateLimit(rate: number | undefined): (items: number) => Promise<void> {
  let free = performance.now(); // when all that was read so far is paid for
  return async (items) => {
    if (rate === undefined) return;
    free = Math.max(free, performance.now()) + (items / rate) * 1000;
    const delay = free - performance.now();
    if (delay > 0) await wait(delay);
  };
}
