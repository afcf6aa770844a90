import { type QueryClient, useInfiniteQuery } from '@tanstack/react-query';
import { command, page } from '../api/request.ts';
import type { Message, SentMessage } from '../api/schema.ts';
import { updateInboxRow } from './inbox.ts';
import { keepMergedRows, mapFirstPage, type PagedList } from './paged-list.ts';
import { refetchIfFailed } from './query-client.ts';

const keyOf = (uuid: string) => ['messages', uuid];

/** The messages of a conversation, oldest first; older ones come with `fetchNextPage`. */
export function useThread(uuid: string) {
  return useInfiniteQuery({
    queryKey: keyOf(uuid),
    queryFn: ({ pageParam, signal }) => page<Message>(pageParam, signal),
    initialPageParam: `/api/messages/${uuid}?limit=30`,
    getNextPageParam: ({ next }) => next,
    select: oldestFirst,
    structuralSharing: keepMergedRows,
  });
}

/** The first page has the newest, and the next ones lead back. */
export function oldestFirst({ pages }: PagedList<Message>): Message[] {
  return pages.toReversed().flatMap(({ rows }) => rows);
}

/**
 * Asks for what came after the newest message that is known, and adds it.
 * @returns whether there was any
 */
export async function catchUp(client: QueryClient, uuid: string): Promise<boolean> {
  if (!client.getQueryData(keyOf(uuid))) return refetchIfFailed(client, keyOf(uuid));
  let found = false;
  for (let path = pathAfter(client, uuid); path; ) {
    const { rows, next } = await page<Message>(path);
    found ||= rows.length > 0;
    add(client, uuid, rows);
    path = next;
  }
  return found;
}

/** Adds what was sent from here. If others wrote in between, that comes first: `seq` has no gap. */
export async function addSent(client: QueryClient, sent: SentMessage): Promise<void> {
  const { message_group_uuid: uuid, ...message } = sent;
  const known = client.getQueryData<PagedList<Message>>(keyOf(uuid));
  if (!known) return;
  if (newestOf(known)?.seq === message.seq - 1) add(client, uuid, [message]);
  else await catchUp(client, uuid);
}

/** Says that everything up to this message has been read. */
export async function markRead(client: QueryClient, uuid: string, { created_at }: Message): Promise<void> {
  await command(`/api/message_groups/${uuid}/read`, { method: 'PUT', body: { created_at } });
  updateInboxRow(client, uuid, (group) => (group.created_at > created_at ? group : { ...group, unread_count: 0 }));
}

/**
 * The list with what came after its end. What is there already (two asked at once) is not added again, and what would leave a
 * gap not at all: it comes with the next look.
 */
export function withNewer(list: PagedList<Message>, arrived: Message[]): PagedList<Message> {
  const last = newestOf(list)?.seq ?? 0;
  const rows: Message[] = [];
  for (const message of arrived) if (message.seq === last + rows.length + 1) rows.push(message);
  return rows.length === 0 ? list : mapFirstPage(list, (first) => ({ ...first, rows: [...first.rows, ...rows] }));
}

function add(client: QueryClient, uuid: string, rows: Message[]): void {
  client.setQueryData<PagedList<Message>>(keyOf(uuid), (list) => list && withNewer(list, rows));
}

function pathAfter(client: QueryClient, uuid: string): string | undefined {
  const known = client.getQueryData<PagedList<Message>>(keyOf(uuid));
  const newest = known && newestOf(known);
  return newest && `/api/messages/${uuid}?${new URLSearchParams({ after: newest.created_at, limit: '100' })}`;
}

const newestOf = ({ pages }: PagedList<Message>) => pages[0]?.rows.at(-1);
