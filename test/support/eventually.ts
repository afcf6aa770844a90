import { setTimeout as wait } from 'node:timers/promises';

/** Waits until a check holds: tries it again and again, and throws its last failure when the time is up. */
export async function eventually<Result>(check: () => Promise<Result>, withinMs = 5_000): Promise<Result> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
      await wait(5);
    }
  }
}
