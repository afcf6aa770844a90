import { type QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type Page, request, requestPage } from '../api/request.ts';
import type { MessageGroup, MessageGroupState, SentMessage, User } from '../api/schema.ts';
import { keepMergedRows, mapFirstPage, type PagedList } from './paged-list.ts';
import { refetchIfFailed } from './query-client.ts';

const queryKey = ['message_groups'];
/** The marks and the revision of a new conversation. */
const unmarked = { muted: false, marked_unread: false, revision: 0 };
const pageSize = 30;
const firstPage = `/api/message_groups?limit=${pageSize}`;

/** The conversations that the last poll missed. */
const missingBefore = new WeakMap<QueryClient, Set<string>>();

/** The inbox rows, most recent first; `fetchNextPage` loads more. */
export function useInbox() {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => requestPage<MessageGroup>(pageParam, signal),
    initialPageParam: firstPage,
    getNextPageParam: ({ next }) => next,
    select: newestFirst,
    structuralSharing: keepMergedRows,
  });
}

const stateKey = (...uuid: string[]) => ['message_group', ...uuid];

/** The state of a conversation, from the cache. @param isRequested whether to request it, if it is not there */
export function useMessageGroup(uuid: string | undefined, isRequested: boolean) {
  return useQuery({
    queryKey: stateKey(uuid ?? ''),
    queryFn: ({ signal }) => request<MessageGroupState>(`/api/message_groups/${uuid}`, { signal }),
    enabled: uuid !== undefined && isRequested,
  });
}

/**
 * The number of unread messages in the most recent conversations, without muted ones. It covers as many conversations as one page holds, so
 * that it does not grow when more are loaded.
 */
export function useUnreadCount(): number {
  return (useInbox().data ?? [])
    .slice(0, pageSize)
    .reduce((sum, { unread_count, muted }) => sum + (muted ? 0 : unread_count), 0);
}

/**
 * Fetches the first page of the inbox and merges it into the cached list.
 * @returns whether a row has changed
 */
export async function refreshInbox(client: QueryClient): Promise<boolean> {
  const before = client.getQueryData<PagedList<MessageGroup>>(queryKey);
  if (!before) return refetchIfFailed(client, queryKey); // the first fetch is still running, or has failed
  const fresh = await requestPage<MessageGroup>(firstPage);
  const known = new Map(newestFirst(before).map((row) => [row.uuid, row]));
  const missing = missingRows(before, fresh);
  const gone = [...missing].filter((uuid) => missingBefore.get(client)?.has(uuid));
  missingBefore.set(client, missing);
  client.setQueryData<PagedList<MessageGroup>>(
    queryKey,
    (list) => list && mergeFirstPage(withoutRows(list, new Set(gone)), fresh),
  );
  return fresh.rows.some((row) => JSON.stringify(row) !== JSON.stringify(known.get(row.uuid)));
}

/** Fetches the state of a conversation. @param signal cancels the request */
export async function fetchMessageGroup(
  client: QueryClient,
  uuid: string,
  signal?: AbortSignal,
): Promise<MessageGroupState> {
  const state = await request<MessageGroupState>(`/api/message_groups/${uuid}`, { ...(signal && { signal }) });
  client.setQueryData(stateKey(uuid), state);
  return state;
}

/** The state of a conversation in the cache. */
export const cachedState = (client: QueryClient, uuid: string) =>
  client.getQueryData<MessageGroupState>(stateKey(uuid));

type ChangeOfState = (state: MessageGroupState) => MessageGroupState;

/** Changes the cached state of the conversation with a user. @param user the UUID of the user */
export function updateStateWith(client: QueryClient, user: string, change: ChangeOfState): void {
  client.setQueriesData<MessageGroupState>({ queryKey: stateKey() }, (state) =>
    state?.user_uuid === user ? change(state) : state,
  );
}

/** The row of a conversation in the cached inbox, if a loaded page has it. */
export function cachedRow(client: QueryClient, uuid: string): MessageGroup | undefined {
  const list = client.getQueryData<PagedList<MessageGroup>>(queryKey);
  return list && newestFirst(list).find((row) => row.uuid === uuid);
}

/** Takes a conversation out of the cached inbox. */
export function removeInboxRow(client: QueryClient, uuid: string): void {
  client.setQueryData<PagedList<MessageGroup>>(queryKey, (list) => list && withoutRows(list, new Set([uuid])));
  client.removeQueries({ queryKey: stateKey(uuid) });
}

const withoutRows = (list: PagedList<MessageGroup>, uuids: ReadonlySet<string>) => ({
  ...list,
  pages: list.pages.map((part) => ({ ...part, rows: part.rows.filter(({ uuid }) => !uuids.has(uuid)) })),
});

/**
 * The cached conversations that a newly fetched first page should have and has not: the user has cleared them on another device. A row may
 * also be missing for an instant while it moves, so only one that two polls miss is gone.
 */
function missingRows(list: PagedList<MessageGroup>, { rows, next }: Page<MessageGroup>): Set<string> {
  const isFresh = new Set(rows.map(({ uuid }) => uuid));
  const oldest = next === undefined ? '' : (rows.at(-1)?.created_at ?? '');
  const missing = newestFirst(list).filter(({ uuid, created_at }) => !isFresh.has(uuid) && created_at > oldest);
  return new Set(missing.map(({ uuid }) => uuid));
}

/** Changes a row in the cache before the service has changed its own; later polls bring the same state. */
export function updateInboxRow(client: QueryClient, uuid: string, change: (row: MessageGroup) => MessageGroup): void {
  client.setQueryData<MessageGroupState>(stateKey(uuid), (state) => state && { ...state, ...change(state) });
  client.setQueryData<PagedList<MessageGroup>>(
    queryKey,
    (list) =>
      list && {
        ...list,
        pages: list.pages.map((part) => ({
          ...part,
          rows: part.rows.map((row) => (row.uuid === uuid ? change(row) : row)),
        })),
      },
  );
}

/**
 * Shows a sent message in the inbox immediately, before the service's inbox contains it.
 * @param to the recipient, if the message began a conversation
 */
export function addSentToInbox(client: QueryClient, sent: SentMessage, to: User | undefined): void {
  const { message_group_uuid: uuid, message, created_at } = sent;
  const isKnown = client
    .getQueryData<PagedList<MessageGroup>>(queryKey)
    ?.pages.some(({ rows }) => rows.some((row) => row.uuid === uuid));
  if (isKnown) {
    // A repeated request gets the message that the first one stored, which may be older than the row.
    updateInboxRow(client, uuid, (row) => (row.created_at < created_at ? { ...row, message, created_at } : row));
  } else if (to) {
    const { uuid: user_uuid, handle, display_name } = to;
    const row = { uuid, user_uuid, handle, display_name, message, created_at, unread_count: 0, ...unmarked };
    client.setQueryData<PagedList<MessageGroup>>(
      queryKey,
      (list) => list && mapFirstPage(list, (first) => ({ ...first, rows: [row, ...first.rows] })),
    );
  }
}

/** Removes duplicates: a row that moves while pages are fetched may be in two of them. Keeps the newer one. */
export function newestFirst({ pages }: PagedList<MessageGroup>): MessageGroup[] {
  const newest = new Map<string, MessageGroup>();
  for (const row of pages.flatMap(({ rows }) => rows)) {
    const other = newest.get(row.uuid);
    if (!other || other.created_at < row.created_at) newest.set(row.uuid, row);
  }
  return [...newest.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : 0));
}

/**
 * Merges a newly fetched first page into the list. If the page and the list have no row in common, rows may be
 * missing between them, so the page replaces the list.
 */
export function mergeFirstPage(list: PagedList<MessageGroup>, fresh: Page<MessageGroup>): PagedList<MessageGroup> {
  const known = new Map(newestFirst(list).map((row) => [row.uuid, row]));
  const connects = fresh.rows.some(({ uuid, created_at }) => known.get(uuid)?.created_at === created_at);
  if (fresh.next !== undefined && !connects) return { pages: [fresh], pageParams: [firstPage] };
  const isFresh = new Set(fresh.rows.map(({ uuid }) => uuid));
  // The service updates the inbox a moment after a send, so its row may still be older than the message that this
  // page has just sent.
  const rows = fresh.rows.map((row) => {
    const mine = known.get(row.uuid);
    if (!mine || mine.created_at < row.created_at) return row;
    if (mine.created_at > row.created_at) return mine;
    return mine.revision === row.revision ? { ...row, message: mine.message } : row; // edited or deleted on this page
  });
  return mapFirstPage(list, (first) => ({
    ...first,
    rows: [...rows, ...first.rows.filter(({ uuid }) => !isFresh.has(uuid))],
  }));
}
