import { infiniteQueryOptions, type QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type Page, request, requestPage } from '../api/request.ts';
import type { MessageGroup, MessageGroupState, SentMessage, User } from '../api/schema.ts';
import { keepMergedRows, mapFirstPage, type PagedList } from './paged-list.ts';
import { awaitFirstFetch } from './query-client.ts';

/** The key of the cached inbox. */
export const inboxKey = ['message_groups'];
/** The marks and the revision of a new conversation. */
const unmarked = { muted: false, marked_unread: false, revision: 0 };
const pageSize = 30;
const firstPage = `/api/message_groups?limit=${pageSize}`;

/** The conversations that the last poll missed. */
const missingBefore = new WeakMap<QueryClient, Set<string>>();

/** The number of the last poll, and of the last one whose answer was applied: two run at once when the user opens a conversation. */
const polls = { last: 0, applied: 0 };

/**
 * By conversation: the time up to which the user is known to have cleared it, which only grows. A row whose message is not newer is hidden,
 * so one that arrives late does not come back.
 */
const clearedTimes = new WeakMap<QueryClient, Map<string, string>>();

export const inboxOptions = infiniteQueryOptions({
  queryKey: inboxKey,
  queryFn: ({ pageParam, signal }) => requestPage<MessageGroup>(pageParam, signal),
  initialPageParam: firstPage,
  getNextPageParam: ({ next }) => next,
  select: newestFirst,
  structuralSharing: keepMergedRows,
});

/** The inbox rows, most recent first; `fetchNextPage` loads more. */
export const useInbox = () => useInfiniteQuery(inboxOptions);

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
 * Fetches the first page of the inbox and merges it into the cached list.
 * @returns whether a row has changed, or is missing and may be so only for an instant
 */
export async function refreshInbox(client: QueryClient): Promise<boolean> {
  const before = client.getQueryData<PagedList<MessageGroup>>(inboxKey);
  if (!before) return awaitFirstFetch(client, inboxKey);
  const number = ++polls.last;
  const fresh = await requestPage<MessageGroup>(firstPage);
  if (number < polls.applied) return false; // older than what is shown
  polls.applied = number;
  const known = new Map(newestFirst(before).map((row) => [row.uuid, row]));
  const missing = missingRows(before, fresh);
  const gone = [...missing].filter((uuid) => missingBefore.get(client)?.has(uuid));
  missingBefore.set(client, missing);
  const page = { ...fresh, rows: fresh.rows.filter((row) => !isCleared(client, row.uuid, row)) };
  client.setQueryData<PagedList<MessageGroup>>(
    inboxKey,
    (list) => list && mergeFirstPage(withoutRows(list, new Set(gone)), page),
  );
  return missing.size > 0 || fresh.rows.some((row) => JSON.stringify(row) !== JSON.stringify(known.get(row.uuid)));
}

/** Fetches the state of a conversation. @param signal cancels the request */
export async function fetchMessageGroup(
  client: QueryClient,
  uuid: string,
  signal?: AbortSignal,
): Promise<MessageGroupState> {
  const state = await request<MessageGroupState>(`/api/message_groups/${uuid}`, { ...(signal && { signal }) });
  client.setQueryData<MessageGroupState>(stateKey(uuid), (known) => (known ? withLater(state, known) : state));
  return state;
}

/** An event may have brought a later row, and a later `read`, than an answer that was under way. */
function withLater(state: MessageGroupState, known: MessageGroupState): MessageGroupState {
  const { message, created_at, unread_count, muted, marked_unread, revision } = known;
  const row = revision > state.revision && { message, created_at, unread_count, muted, marked_unread, revision };
  const read = state.read !== undefined && { read: Math.max(state.read, known.read ?? 0) };
  return { ...state, ...row, ...read };
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
  const list = client.getQueryData<PagedList<MessageGroup>>(inboxKey);
  return list && newestFirst(list).find((row) => row.uuid === uuid);
}

/** Applies a row that an event has brought, unless the cached one is later. */
export function applyRow(client: QueryClient, row: MessageGroup): void {
  if (isCleared(client, row.uuid, row)) return;
  client.setQueryData<MessageGroupState>(stateKey(row.uuid), (state) =>
    state && row.revision > state.revision ? { ...state, ...row } : state,
  );
  client.setQueryData<PagedList<MessageGroup>>(inboxKey, (list) => list && withRow(list, row));
}

/** A row that follows the loaded ones is left out: the page that it is on brings it. */
function withRow(list: PagedList<MessageGroup>, row: MessageGroup): PagedList<MessageGroup> {
  const rows = newestFirst(list);
  const mine = rows.find(({ uuid }) => uuid === row.uuid);
  const isBelow = list.pages.at(-1)?.next !== undefined && row.created_at < (rows.at(-1)?.created_at ?? '');
  if (mine ? laterRow(mine, row) === mine : isBelow) return list;
  return mapFirstPage(withoutRows(list, new Set([row.uuid])), (first) => ({ ...first, rows: [row, ...first.rows] }));
}

/** Applies an event that says how many messages a user has read: those of the signed-in user, if it is the other one. */
export function applyRead(client: QueryClient, uuid: string, by: { user_uuid: string; read: number }): void {
  // Without a `read`, one of the two has switched read receipts off.
  client.setQueryData<MessageGroupState>(stateKey(uuid), (state) =>
    state?.user_uuid === by.user_uuid && state.read !== undefined && by.read > state.read
      ? { ...state, read: by.read }
      : state,
  );
}

/** Notes up to which time the user has cleared a conversation, and takes its row out of the inbox if the row shows nothing newer. */
export function hideCleared(client: QueryClient, uuid: string, cleared: string): void {
  const times = clearedTimes.get(client) ?? new Map<string, string>();
  if (cleared > (times.get(uuid) ?? '')) clearedTimes.set(client, times.set(uuid, cleared));
  const row = cachedRow(client, uuid);
  if (!row || !isCleared(client, uuid, row)) return;
  client.setQueryData<PagedList<MessageGroup>>(inboxKey, (list) => list && withoutRows(list, new Set([uuid])));
  client.removeQueries({ queryKey: stateKey(uuid) });
}

/** Whether the user is known to have cleared a message, or a row that shows it. @param uuid of the conversation */
export const isCleared = (client: QueryClient, uuid: string, { created_at }: Pick<MessageGroup, 'created_at'>) =>
  created_at <= (clearedTimes.get(client)?.get(uuid) ?? '');

/** Fetches anew what is cached of a conversation and the inbox, whose numbers and times have begun again. */
export function forgetInbox(client: QueryClient, uuid: string): void {
  clearedTimes.delete(client);
  client.resetQueries({ queryKey: stateKey(uuid), exact: true });
  client.resetQueries({ queryKey: inboxKey, exact: true });
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
    inboxKey,
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
    .getQueryData<PagedList<MessageGroup>>(inboxKey)
    ?.pages.some(({ rows }) => rows.some((row) => row.uuid === uuid));
  if (isKnown) {
    // A repeated request gets the message that the first one stored, which may be older than the row.
    updateInboxRow(client, uuid, (row) => (row.created_at < created_at ? { ...row, message, created_at } : row));
  } else if (to) {
    const { uuid: user_uuid, handle, display_name } = to;
    const row = { uuid, user_uuid, handle, display_name, message, created_at, unread_count: 0, ...unmarked };
    client.setQueryData<PagedList<MessageGroup>>(
      inboxKey,
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

function laterRow(mine: MessageGroup | undefined, row: MessageGroup): MessageGroup {
  if (!mine || mine.created_at < row.created_at) return row;
  if (mine.created_at > row.created_at || mine.revision > row.revision) return mine;
  return mine.revision === row.revision ? { ...row, message: mine.message } : row; // edited or deleted on this page
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
  const rows = fresh.rows.map((row) => laterRow(known.get(row.uuid), row));
  return mapFirstPage(list, (first) => ({
    ...first,
    rows: [...rows, ...first.rows.filter(({ uuid }) => !isFresh.has(uuid))],
  }));
}
