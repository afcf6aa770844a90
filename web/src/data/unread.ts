import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { requestUnread } from '../api/request.ts';
import { useInbox } from './inbox.ts';

const longestWrong = 60_000; // milliseconds: the service's count may be older than what it was asked after

/**
 * The number of unread messages in all conversations, without muted ones. The loaded conversations are counted here. If there are more, the
 * service counts, again at each change of the loaded ones and when the page gets the focus.
 */
export function useUnreadCount(): number {
  const { data: rows = [], hasNextPage } = useInbox();
  const counts = rows.filter(({ unread_count, muted }) => unread_count > 0 && !muted);
  const loaded = counts.reduce((sum, { unread_count }) => sum + unread_count, 0);
  const { data } = useQuery({
    queryKey: ['unread', counts.map(({ uuid, unread_count }) => `${uuid} ${unread_count}`).join()],
    queryFn: ({ signal }) => requestUnread(signal),
    enabled: hasNextPage,
    placeholderData: keepPreviousData,
    staleTime: 0, // the same loaded conversations may be unread again, beside others
    gcTime: 0,
    refetchOnWindowFocus: true,
    refetchInterval: longestWrong,
  });
  return hasNextPage && data ? Math.max(data.unread_count, loaded) : loaded;
}
