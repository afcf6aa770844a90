import { type Query, QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/errors.ts';

const maxRetries = 3;

/** Retries transient errors only, a limited number of times. */
export const shouldRetry = (failures: number, error: Error) =>
  failures < maxRetries && error instanceof ApiError && error.isTransient;

/** @returns milliseconds */
export const retryDelay = (failures: number, error: Error) =>
  error instanceof ApiError && error.retryAfter !== undefined ? error.retryAfter * 1000 : 500 * 2 ** failures;

/**
 * Waits for the first fetch of a list. If it failed with a transient error, fetches the list again.
 * @returns false: polling has found nothing new
 */
export async function awaitFirstFetch(client: QueryClient, queryKey: readonly unknown[]): Promise<false> {
  const isMissing = ({ state: { fetchStatus, error } }: Query) =>
    fetchStatus === 'fetching' || (error instanceof ApiError && error.isTransient);
  await client.refetchQueries({ queryKey, exact: true, type: 'active', predicate: isMissing });
  return false;
}

/** Creates the cache of the API's responses, which also queues the messages to send. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: shouldRetry,
        retryDelay,
        // The cached lists never become stale: data/polling.ts fetches what is new and merges it into them.
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
      },
      mutations: { retry: shouldRetry, retryDelay },
    },
  });
}
