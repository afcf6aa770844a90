import { setTimeout as wait } from 'node:timers/promises';

/** Repeats a check until it passes. @throws the check's last error after `withinMs` */
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
