import type { ApiError } from '../api/errors.ts';
import { answers } from '../api/fetch.ts';

const longestPause = 30_000; // milliseconds

/**
 * Waits before the next attempt: the time that the service asks for, if any, and a random time that doubles with each attempt up to a
 * limit. If the service has asked for no time, the wait ends early when it answers another request or the browser is online again.
 */
export function pause(failures: number, error: ApiError): Promise<void> {
  const bound = Math.min(longestPause, 1_000 * 2 ** failures);
  const milliseconds = (error.retryAfter ?? 0) * 1_000 + bound * (0.5 + Math.random() / 2);
  return new Promise((resolve) => {
    const ended = new AbortController();
    const end = () => {
      ended.abort();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    if (error.retryAfter !== undefined) return;
    answers.addEventListener('answer', end, { signal: ended.signal });
    addEventListener('online', end, { signal: ended.signal });
  });
}
