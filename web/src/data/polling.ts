import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/errors.ts';
import { refreshInbox } from './inbox.ts';
import { fetchChanges, fetchNewer } from './thread.ts';

const queryKey = ['poll'];
const shortest = 2_000; // milliseconds between two polls while something changes
const longest = 30_000; // milliseconds between two polls after a long time without a change
const growth = 1.5;

/**
 * Polls for new messages, less often the longer nothing changes, and only while the page is visible and online. **The
 * one place for realtime to hook in**: a push only has to call `pollSoon`.
 * @param openConversation the UUID of the open conversation; undefined when none is open
 * @returns the error of the last poll
 */
export function usePolling(openConversation: string | undefined): Error | null {
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: [...queryKey, openConversation],
    queryFn: async ({ queryKey }): Promise<PollResult> => {
      const { emptyPolls = 0 } = client.getQueryData<PollResult>(queryKey) ?? {};
      try {
        const found = await Promise.all([
          refreshInbox(client),
          openConversation ? fetchNewer(client, openConversation) : false,
        ]);
        if (openConversation) found.push(await fetchChanges(client, openConversation));
        return { emptyPolls: found.includes(true) ? 0 : emptyPolls + 1, error: null };
      } catch (error) {
        // No other retry is needed: the next poll is one.
        return { emptyPolls: emptyPolls + 1, error: error as Error };
      }
    },
    refetchInterval: ({ state }) => pollInterval(state.data?.emptyPolls ?? 0, state.data?.error),
    staleTime: 0, // opening a conversation polls at once
    refetchOnWindowFocus: 'always',
    refetchOnReconnect: 'always',
  });
  return data?.error ?? null;
}

interface PollResult {
  /** Consecutive polls that found nothing new. */
  emptyPolls: number;
  error: Error | null;
}

/** Polls at once. */
export function pollSoon(client: QueryClient): void {
  client.invalidateQueries({ queryKey });
}

/** @param emptyPolls consecutive polls that found nothing new @returns milliseconds until the next poll */
export function pollInterval(emptyPolls: number, error?: Error | null): number {
  const requested = error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0;
  return Math.max(requested, Math.min(longest, shortest * growth ** emptyPolls));
}
