import { setTimeout as wait } from 'node:timers/promises';

/**
 * @param rate items per second; default: unlimited
 * @returns a function to call before items are read, with their number: it waits until all its callers together stay within the rate
 */
export function newRateLimiter(rate: number | undefined): (items: number) => Promise<void> {
  let nextFree = performance.now(); // the time from which the items read so far are within the rate
  return async (items) => {
    if (rate === undefined) return;
    nextFree = Math.max(nextFree, performance.now()) + (items / rate) * 1000;
    const delay = nextFree - performance.now();
    if (delay > 0) await wait(delay);
  };
}
