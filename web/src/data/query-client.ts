import { type Query, QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/errors.ts';

const maxRetries = 3;

/** Tries again what may pass: not what was refused, and not for ever. */
export const shouldRetry = (failures: number, error: Error) =>
  failures < maxRetries && error instanceof ApiError && error.isTransient;

/** @returns milliseconds */
export const retryDelay = (failures: number, error: Error) =>
  error instanceof ApiError && error.retryAfter !== undefined ? error.retryAfter * 1000 : 500 * 2 ** failures;

/**
 * Asks again for what could not be read at all, for a reason that may have passed.
 * @returns false: that is no news of anything
 */
export async function refetchIfFailed(client: QueryClient, queryKey: readonly unknown[]): Promise<false> {
  const isBroken = ({ state: { error } }: Query) => error instanceof ApiError && error.isTransient;
  await client.refetchQueries({ queryKey, exact: true, type: 'active', predicate: isBroken });
  return false;
}

/** What the page remembers of the API, and what it still has to tell it. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: shouldRetry,
        retryDelay,
        // News come by data/polling.ts, and are merged into what is there: nothing is asked for a second time as a whole.
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
      },
      mutations: { retry: shouldRetry, retryDelay },
    },
  });
}
