import { connectionError } from './errors.ts';

const timeout = 25_000; // milliseconds; the functions themselves time out after 20 seconds

/** Dispatches an event `answer` for each response that shows that the service works: any status below 500. */
export const answers = new EventTarget();

/**
 * Calls `fetch` with a time-out.
 * @param path on this origin
 * @param signal cancels the request
 * @returns the response, whatever its status
 * @throws ApiError when there is no response; the signal's own error after a cancellation
 */
export async function fetchWithTimeout(path: string, init: Omit<RequestInit, 'signal'> = {}, signal?: AbortSignal) {
  const signals = [AbortSignal.timeout(timeout), ...(signal ? [signal] : [])];
  try {
    const response = await fetch(path, { ...init, signal: AbortSignal.any(signals) });
    if (response.status < 500) answers.dispatchEvent(new Event('answer'));
    return response;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw connectionError();
  }
}

/**
 * Reads a JSON body.
 * @throws ApiError when the connection breaks before the end of the body
 */
export function readJson<Body>(response: Response): Promise<Body> {
  return response.json().catch(() => {
    throw connectionError();
  });
}

/** The same for a body of text. */
export function readText(response: Response): Promise<string> {
  return response.text().catch(() => {
    throw connectionError();
  });
}
