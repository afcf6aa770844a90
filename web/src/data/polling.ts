import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/errors.ts';
import { refreshInbox } from './inbox.ts';
import { catchUp } from './thread.ts';

const queryKey = ['news'];
const shortest = 2_000; // milliseconds between two looks while something happens
const longest = 30_000; // and when nothing has happened for long
const growth = 1.5;

/**
 * How news reach this page: it looks for them, the less often the less happens, and only while it is looked at and there is a
 * connection. **The one place that realtime replaces**: whatever pushes news has to call `pollSoon` and nothing else.
 * @param openGroup the conversation that is on the screen
 * @returns why the last look failed
 */
export function usePolling(openGroup: string | undefined): Error | null {
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: [...queryKey, openGroup],
    queryFn: async ({ queryKey }): Promise<PollResult> => {
      const { quiet = 0 } = client.getQueryData<PollResult>(queryKey) ?? {};
      try {
        const found = await Promise.all([refreshInbox(client), openGroup ? catchUp(client, openGroup) : false]);
        return { quiet: found.includes(true) ? 0 : quiet + 1, error: null };
      } catch (error) {
        return { quiet: quiet + 1, error: error as Error }; // the next look is the retry
      }
    },
    refetchInterval: ({ state }) => pollInterval(state.data?.quiet ?? 0, state.data?.error),
    staleTime: 0, // who comes back to a conversation looks at once
    refetchOnWindowFocus: 'always',
    refetchOnReconnect: 'always',
  });
  return data?.error ?? null;
}

interface PollResult {
  /** How many looks in a row have found nothing. */
  quiet: number;
  error: Error | null;
}

/** Looks for news at once, since something has happened. */
export function pollSoon(client: QueryClient): void {
  client.invalidateQueries({ queryKey });
}

/** @param quiet how many looks in a row have found nothing @returns milliseconds */
export function pollInterval(quiet: number, error?: Error | null): number {
  const asked = error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0;
  return Math.max(asked, Math.min(longest, shortest * growth ** quiet));
}
