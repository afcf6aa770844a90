import { connectionError } from './errors.ts';

const patience = 25_000; // milliseconds: a function gives up after 20 seconds

/**
 * Asks this origin, and does not wait for ever.
 * @param signal of who may stop waiting for it
 * @returns whatever was answered, a refusal too
 * @throws ApiError when nothing answers; the signal's own error when nobody waits any more
 */
export async function reach(path: string, init: Omit<RequestInit, 'signal'> = {}, signal?: AbortSignal) {
  const signals = [AbortSignal.timeout(patience), ...(signal ? [signal] : [])];
  try {
    return await fetch(path, { ...init, signal: AbortSignal.any(signals) });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw connectionError();
  }
}

/**
 * Reads an answer in JSON.
 * @throws ApiError when the connection ends in the middle
 */
export function read<Body>(response: Response): Promise<Body> {
  return response.json().catch(() => {
    throw connectionError();
  });
}
