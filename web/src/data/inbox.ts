import { type QueryClient, useInfiniteQuery } from '@tanstack/react-query';
import { type Page, page } from '../api/request.ts';
import type { MessageGroup, SentMessage, User } from '../api/schema.ts';
import { keepMergedRows, mapFirstPage, type PagedList } from './paged-list.ts';
import { refetchIfFailed } from './query-client.ts';

const queryKey = ['message_groups'];
const firstPage = '/api/message_groups?limit=30';

/** The inbox, most recent activity first; it goes on with `fetchNextPage`. */
export function useInbox() {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => page<MessageGroup>(pageParam, signal),
    initialPageParam: firstPage,
    getNextPageParam: ({ next }) => next,
    select: newestFirst,
    structuralSharing: keepMergedRows,
  });
}

/** One conversation of the inbox, if it has been read that far. */
export function useInboxRow(uuid: string): MessageGroup | undefined {
  return useInbox().data?.find((group) => group.uuid === uuid);
}

/** How many messages wait, as far as the inbox has been read. */
export function useUnreadCount(): number {
  return (useInbox().data ?? []).reduce((sum, { unread_count }) => sum + unread_count, 0);
}

/**
 * Asks for the newest part of the inbox and merges it in.
 * @returns whether anything has changed
 */
export async function refreshInbox(client: QueryClient): Promise<boolean> {
  const before = client.getQueryData<PagedList<MessageGroup>>(queryKey);
  if (!before) return refetchIfFailed(client, queryKey); // it is being read for the first time, or could not be
  const fresh = await page<MessageGroup>(firstPage);
  const known = new Map(newestFirst(before).map((group) => [group.uuid, group]));
  client.setQueryData<PagedList<MessageGroup>>(queryKey, (list) => list && mergeFirstPage(list, fresh));
  return fresh.rows.some((row) => JSON.stringify(row) !== JSON.stringify(known.get(row.uuid)));
}

/** What has been done here shows at once; what the service says later is the same. */
export function updateInboxRow(client: QueryClient, uuid: string, change: (group: MessageGroup) => MessageGroup): void {
  client.setQueryData<PagedList<MessageGroup>>(
    queryKey,
    (list) =>
      list && {
        ...list,
        pages: list.pages.map((part) => ({
          ...part,
          rows: part.rows.map((group) => (group.uuid === uuid ? change(group) : group)),
        })),
      },
  );
}

/** Shows a message that was sent from here, before the inbox has followed. @param to whom it went to, if that is known */
export function addSentToInbox(client: QueryClient, sent: SentMessage, to: User | undefined): void {
  const { message_group_uuid: uuid, message, created_at } = sent;
  const isKnown = client
    .getQueryData<PagedList<MessageGroup>>(queryKey)
    ?.pages.some(({ rows }) => rows.some((group) => group.uuid === uuid));
  if (isKnown) {
    // The answer to a message that was sent again may be an old one.
    updateInboxRow(client, uuid, (group) =>
      group.created_at < created_at ? { ...group, message, created_at } : group,
    );
  } else if (to) {
    const { uuid: user_uuid, handle, display_name } = to;
    const group = { uuid, user_uuid, handle, display_name, message, created_at, unread_count: 0 };
    client.setQueryData<PagedList<MessageGroup>>(
      queryKey,
      (list) => list && mapFirstPage(list, (first) => ({ ...first, rows: [group, ...first.rows] })),
    );
  }
}

/** A conversation moves while the list is read, so that it may stand in two pages: the later one counts, once. */
export function newestFirst({ pages }: PagedList<MessageGroup>): MessageGroup[] {
  const newest = new Map<string, MessageGroup>();
  for (const group of pages.flatMap(({ rows }) => rows)) {
    const other = newest.get(group.uuid);
    if (!other || other.created_at < group.created_at) newest.set(group.uuid, group);
  }
  return [...newest.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : 0));
}

/**
 * The inbox with its newest part as it is now. If that part has nothing in common with what was known, so much has happened
 * that there may be a gap between the two: the list then begins anew.
 */
export function mergeFirstPage(list: PagedList<MessageGroup>, fresh: Page<MessageGroup>): PagedList<MessageGroup> {
  const known = new Map(newestFirst(list).map((group) => [group.uuid, group]));
  const meets = fresh.rows.some(({ uuid, created_at }) => known.get(uuid)?.created_at === created_at);
  if (fresh.next !== undefined && !meets) return { pages: [fresh], pageParams: [firstPage] };
  const isFresh = new Set(fresh.rows.map(({ uuid }) => uuid));
  // The inbox follows a message by a moment: what was sent here a moment ago may not stand in it yet.
  const rows = fresh.rows.map((row) => {
    const mine = known.get(row.uuid);
    return mine && mine.created_at > row.created_at ? mine : row;
  });
  return mapFirstPage(list, (first) => ({
    ...first,
    rows: [...rows, ...first.rows.filter(({ uuid }) => !isFresh.has(uuid))],
  }));
}
