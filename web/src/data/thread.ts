import { type QueryClient, useInfiniteQuery } from '@tanstack/react-query';
import { requestNoContent, requestPage } from '../api/request.ts';
import type { Message, SentMessage } from '../api/schema.ts';
import { updateInboxRow } from './inbox.ts';
import { keepMergedRows, mapFirstPage, type PagedList } from './paged-list.ts';
import { refetchIfFailed } from './query-client.ts';

const keyOf = (uuid: string) => ['messages', uuid];

/** The messages of a conversation, oldest first; `fetchNextPage` loads older ones. */
export function useThread(uuid: string) {
  return useInfiniteQuery({
    queryKey: keyOf(uuid),
    queryFn: ({ pageParam, signal }) => requestPage<Message>(pageParam, signal),
    initialPageParam: `/api/messages/${uuid}?limit=30`,
    getNextPageParam: ({ next }) => next,
    select: oldestFirst,
    structuralSharing: keepMergedRows,
  });
}

/** The first page holds the newest messages, each next page older ones. */
export function oldestFirst({ pages }: PagedList<Message>): Message[] {
  return pages.toReversed().flatMap(({ rows }) => rows);
}

/**
 * Fetches the messages after the newest cached one and appends them.
 * @returns whether there were any
 */
export async function fetchNewer(client: QueryClient, uuid: string): Promise<boolean> {
  if (!client.getQueryData(keyOf(uuid))) return refetchIfFailed(client, keyOf(uuid));
  let found = false;
  for (let path = pathAfter(client, uuid); path; ) {
    const { rows, next } = await requestPage<Message>(path);
    found ||= rows.length > 0;
    add(client, uuid, rows);
    path = next;
  }
  return found;
}

/** Appends a sent message. If `seq` shows a gap before it, fetches the missing messages. */
export async function addSentToThread(client: QueryClient, sent: SentMessage): Promise<void> {
  const { message_group_uuid: uuid, ...message } = sent;
  const known = client.getQueryData<PagedList<Message>>(keyOf(uuid));
  if (!known) return;
  if (newestOf(known)?.seq === message.seq - 1) add(client, uuid, [message]);
  else await fetchNewer(client, uuid);
}

/** Marks all messages up to this one as read. */
export async function markRead(client: QueryClient, uuid: string, { created_at }: Message): Promise<void> {
  await requestNoContent(`/api/message_groups/${uuid}/read`, { method: 'PUT', body: { created_at } });
  updateInboxRow(client, uuid, (row) => (row.created_at > created_at ? row : { ...row, unread_count: 0 }));
}

/**
 * Appends messages to the list. Skips those that it holds already (two fetches may overlap) and those that would leave a gap: the
 * next poll brings them.
 */
export function appendNewer(list: PagedList<Message>, arrived: Message[]): PagedList<Message> {
  const last = newestOf(list)?.seq ?? 0;
  const rows: Message[] = [];
  for (const message of arrived) if (message.seq === last + rows.length + 1) rows.push(message);
  return rows.length === 0 ? list : mapFirstPage(list, (first) => ({ ...first, rows: [...first.rows, ...rows] }));
}

function add(client: QueryClient, uuid: string, rows: Message[]): void {
  client.setQueryData<PagedList<Message>>(keyOf(uuid), (list) => list && appendNewer(list, rows));
}

function pathAfter(client: QueryClient, uuid: string): string | undefined {
  const known = client.getQueryData<PagedList<Message>>(keyOf(uuid));
  const newest = known && newestOf(known);
  return newest && `/api/messages/${uuid}?${new URLSearchParams({ after: newest.created_at, limit: '100' })}`;
}

const newestOf = ({ pages }: PagedList<Message>) => pages[0]?.rows.at(-1);
