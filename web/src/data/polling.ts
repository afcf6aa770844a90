import { type Query, type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/errors.ts';
import { isConnected, useIsConnected } from './connection-state.ts';
import { inboxKey, refreshInbox } from './inbox.ts';
import { fetchChanges, fetchNewer, threadKey } from './thread.ts';

const queryKey = ['poll'];
const shortest = 2_000; // milliseconds between two polls while something changes
const longest = 30_000; // milliseconds between two polls after a long time without a change
const growth = 1.5;
export const whileConnected = 60_000; // milliseconds between two polls while events tell what changes: some may be lost

/** Polls that must begin once more when they have ended. */
const again = new WeakSet<Query>();

/**
 * Polls for new messages, less often the longer nothing changes, rarely while the service tells what changes, and only while the page is
 * visible and online.
 * @param openConversation the UUID of the open conversation; undefined when none is open
 * @returns the error of the last poll
 */
export function usePolling(openConversation: string | undefined): Error | null {
  const client = useQueryClient();
  useIsConnected(); // another interval then
  const { data } = useQuery(pollOptions(client, openConversation));
  return data?.error ?? null;
}

export const pollOptions = (client: QueryClient, openConversation: string | undefined) =>
  queryOptions({
    queryKey: [...queryKey, openConversation],
    queryFn: async ({ queryKey }): Promise<PollResult> => {
      const { emptyPolls = 0 } = client.getQueryData<PollResult>(queryKey) ?? {};
      try {
        const hasFound = await pollUntilCurrent(client, openConversation, queryKey);
        return { emptyPolls: hasFound ? 0 : isConnected() ? 1 : emptyPolls + 1, error: null };
      } catch (error) {
        // No other retry is needed: the next poll is one.
        return { emptyPolls: emptyPolls + 1, error: error as Error };
      }
    },
    refetchInterval: ({ state: { data } }) =>
      isConnected() && data?.emptyPolls && !data.error
        ? whileConnected
        : pollInterval(data?.emptyPolls ?? 0, data?.error),
    staleTime: 0, // opening a conversation polls at once
    refetchOnWindowFocus: 'always',
    refetchOnReconnect: 'always',
  });

/** Polls, and once more whenever another poll was asked for meanwhile. @returns whether there was any change */
async function pollUntilCurrent(
  client: QueryClient,
  open: string | undefined,
  queryKey: readonly unknown[],
): Promise<boolean> {
  const query = client.getQueryCache().find({ queryKey, exact: true });
  let hasFound = false;
  do {
    if (query) again.delete(query);
    const found = await Promise.all([refreshInbox(client), open ? fetchNewer(client, open) : false]);
    if (open) found.push(await fetchChanges(client, open));
    hasFound ||= found.includes(true);
  } while (query && again.has(query));
  return hasFound;
}

interface PollResult {
  /** Consecutive polls that found nothing new. */
  emptyPolls: number;
  error: Error | null;
}

/** Polls at once, and again after what is being read at this moment. */
export function pollSoon(client: QueryClient): void {
  pollAgain(client);
  client.invalidateQueries({ queryKey, fetchStatus: 'idle' });
}

/** Polls once more what is being read at this moment, whether by a poll or by the page: it may be older than what has changed now. */
export function pollAgain(client: QueryClient): void {
  const cache = client.getQueryCache();
  for (const query of cache.findAll({ queryKey, type: 'active' }))
    if (query.state.fetchStatus !== 'idle') again.add(query);
  const lists = [inboxKey, threadKey()].flatMap((key) => cache.findAll({ queryKey: key, fetchStatus: 'fetching' }));
  if (lists.length > 0) Promise.allSettled(lists.map(({ promise }) => promise)).then(() => pollSoon(client));
}

/** @param emptyPolls consecutive polls that found nothing new @returns milliseconds until the next poll */
export function pollInterval(emptyPolls: number, error?: Error | null): number {
  const requested = error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0;
  return Math.max(requested, Math.min(longest, shortest * growth ** emptyPolls));
}
