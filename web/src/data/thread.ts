import { infiniteQueryOptions, type QueryClient, useInfiniteQuery } from '@tanstack/react-query';
import { requestNoContent, requestPage } from '../api/request.ts';
import type { Message, MessageGroup, MessageGroupState, SentMessage } from '../api/schema.ts';
import {
  cachedRow,
  cachedState,
  fetchMessageGroup,
  forgetInbox,
  hideCleared,
  isCleared,
  updateInboxRow,
} from './inbox.ts';
import { keepMergedRows, mapFirstPage, type PagedList } from './paged-list.ts';
import { awaitFirstFetch } from './query-client.ts';

/** The key of the cached messages of a conversation, or of all. */
export const threadKey = (...uuid: string[]) => ['messages', ...uuid];
const firstPage = (uuid: string) => `/api/messages/${uuid}?limit=30`;

export const threadOptions = (uuid: string) =>
  infiniteQueryOptions({
    queryKey: threadKey(uuid),
    queryFn: ({ pageParam, signal }) => requestPage<Message>(pageParam, signal),
    initialPageParam: firstPage(uuid),
    getNextPageParam: ({ next }) => next,
    select: oldestFirst,
    structuralSharing: keepMergedRows,
  });

/** The messages of a conversation, oldest first; `fetchNextPage` loads older ones. @param uuid undefined: no request */
export const useThread = (uuid: string | undefined) =>
  useInfiniteQuery({ ...threadOptions(uuid ?? ''), enabled: uuid !== undefined });

/** Flattens the pages: the first page holds the newest messages, and each further page older ones. */
export function oldestFirst({ pages }: PagedList<Message>): Message[] {
  return pages.toReversed().flatMap(({ rows }) => rows);
}

/**
 * Fetches the messages after the newest cached one and appends them. Replaces the cache by the newest page instead when a message between
 * the cached ones may still appear, or when the service's messages are not those that are cached (see isOtherHistory).
 * @returns whether there was any change
 */
export async function fetchNewer(client: QueryClient, uuid: string): Promise<boolean> {
  const known = client.getQueryData<PagedList<Message>>(threadKey(uuid));
  if (!known) return awaitFirstFetch(client, threadKey(uuid));
  if (hasOpenGap(oldestFirst(known)) || !newestOf(known)) return startOver(client, uuid);
  let found = false;
  for (let path = pathAfter(client, uuid); path; ) {
    const { rows, next } = await requestPage<Message>(path);
    found ||= rows.length > 0;
    if (isOtherHistory(client, uuid, rows)) return startOver(client, uuid);
    add(client, uuid, rows);
    path = next;
  }
  return found;
}

const gapIsFinalAfter = 60_000; // milliseconds: a gap before a message older than this stays, since the missing message was lost

/** Whether a message is missing between others and may still appear. @param messages oldest first */
function hasOpenGap(messages: Message[]): boolean {
  return messages.some(({ seq, created_at }, index) => {
    const before = messages[index - 1];
    return before && seq !== before.seq + 1 && Date.now() - Date.parse(created_at) < gapIsFinalAfter;
  });
}

/**
 * Whether a number that a cached message has now belongs to another message, or the numbers have begun again from 1. That happens when
 * the table is restored from a backup, or a local stack with its database in memory is started again.
 */
function isOtherHistory(client: QueryClient, uuid: string, arrived: Message[]): boolean {
  const known = client.getQueryData<PagedList<Message>>(threadKey(uuid));
  const messages = known ? oldestFirst(known) : [];
  const shown = new Map(messages.map((message) => [message.seq, message.uuid]));
  return arrived.some(({ seq, uuid }) => (shown.get(seq) ?? uuid) !== uuid || seq < (messages[0]?.seq ?? 0));
}

/** Replaces all cached messages of the conversation by the newest page. @returns whether there are any */
async function startOver(client: QueryClient, uuid: string): Promise<boolean> {
  const first = firstPage(uuid);
  const page = await requestPage<Message>(first);
  client.setQueryData<PagedList<Message>>(threadKey(uuid), { pages: [page], pageParams: [first] });
  return page.rows.length > 0;
}

/** Appends a sent message. If `seq` shows a gap before it, fetches the missing messages. */
export async function addSentToThread(client: QueryClient, sent: SentMessage): Promise<void> {
  const { message_group_uuid: uuid, ...message } = sent;
  const known = client.getQueryData<PagedList<Message>>(threadKey(uuid));
  if (!known || oldestFirst(known).some(({ uuid }) => uuid === message.uuid)) return; // an event may have brought it
  if (newestOf(known)?.seq === message.seq - 1) add(client, uuid, [message]);
  else await fetchNewer(client, uuid);
}

/** Marks all messages up to this one as read. */
export async function markRead(client: QueryClient, uuid: string, { created_at }: Message): Promise<void> {
  await requestNoContent(`/api/message_groups/${uuid}/read`, { method: 'PUT', body: { created_at } });
  updateInboxRow(client, uuid, (row) => ({
    ...row,
    unread_count: row.created_at > created_at ? row.unread_count : 0,
    marked_unread: false,
  }));
}

/**
 * Appends messages to the list. Skips those that it already contains, since two fetches may overlap, and those that
 * would leave a gap, since the next poll brings them with the missing ones.
 */
export function appendNewer(list: PagedList<Message>, arrived: Message[]): PagedList<Message> {
  const last = newestOf(list)?.seq ?? 0;
  const rows: Message[] = [];
  for (const message of arrived) if (message.seq === last + rows.length + 1) rows.push(message);
  return rows.length === 0 ? list : mapFirstPage(list, (first) => ({ ...first, rows: [...first.rows, ...rows] }));
}

/**
 * Applies a message that an event has brought: as the next one, or as a later revision of a cached one.
 * @returns false if messages before it are missing
 */
export function applyMessage(client: QueryClient, uuid: string, message: Message): boolean {
  const known = client.getQueryData<PagedList<Message>>(threadKey(uuid));
  if (!known || isCleared(client, uuid, message)) return true;
  const messages = oldestFirst(known);
  const mine = messages.find(({ seq }) => seq === message.seq);
  if (mine && mine.uuid !== message.uuid) forgetHistory(client, uuid);
  else if (mine) updateMessage(client, uuid, mine.uuid, (row) => (message.revision > row.revision ? message : row));
  else if (message.seq - 1 === messages.at(-1)?.seq) add(client, uuid, [message]);
  else return messages[0] !== undefined && message.seq < messages[0].seq; // a page that is not loaded brings an older one
  return true;
}

/** Whether a row of the inbox shows a message, or a text of it, that the cached messages of its conversation do not have. */
export function lacksNewest(client: QueryClient, { uuid, created_at, message }: MessageGroup): boolean {
  const known = client.getQueryData<PagedList<Message>>(threadKey(uuid));
  if (!known) return false;
  const newest = newestOf(known);
  return !newest || newest.created_at < created_at || (newest.created_at === created_at && newest.message !== message);
}

/** Applies the time up to which the user has cleared a conversation. */
export function applyCleared(client: QueryClient, uuid: string, cleared: string): void {
  dropCleared(client, uuid, cleared);
  hideCleared(client, uuid, cleared);
}

/** Fetches anew what is cached of a conversation whose numbers have begun again (see isOtherHistory), and the inbox. */
function forgetHistory(client: QueryClient, uuid: string): void {
  client.removeQueries({ queryKey: reflectedKey(uuid) });
  client.resetQueries({ queryKey: threadKey(uuid), exact: true });
  forgetInbox(client, uuid);
}

/** Removes the messages up to a time from the cache, and what would lead to older ones. */
function dropCleared(client: QueryClient, uuid: string, cleared: string): void {
  client.setQueryData<PagedList<Message>>(threadKey(uuid), (list) => {
    const at = list?.pages.findIndex(({ rows }) => rows.some(({ created_at }) => created_at <= cleared)) ?? -1;
    if (!list || at < 0) return list;
    const pages = list.pages.slice(0, at + 1).map((part, n) => (n < at ? part : { ...part, next: undefined }));
    const remaining = pages.map((part) => ({ ...part, rows: part.rows.filter((row) => row.created_at > cleared) }));
    return { pages: remaining, pageParams: list.pageParams.slice(0, at + 1) };
  });
}

/** Milliseconds after which a poll asks for the state again. Polls at their slowest are further apart, so each of those asks. */
export const stateAge = 25_000;
const unseenAge = 8_000; // the same, while the other user has not seen the signed-in user's newest message

/**
 * Asks for the state of an open conversation when it may have changed: the revision of the inbox row has grown, or the state is old. The
 * latter is needed because a block, a cleared conversation and what the other user has seen may change no row. If the version says that a
 * message was edited or deleted, reads the cached messages again.
 * @returns whether there was any change
 */
export async function fetchChanges(client: QueryClient, uuid: string): Promise<boolean> {
  const reflected = client.getQueryData<Reflected>(reflectedKey(uuid));
  const revision = cachedRow(client, uuid)?.revision;
  const known = client.getQueryData<PagedList<Message>>(threadKey(uuid));
  if (!known || (reflected && reflected.revision === revision && !isOutdated(client, uuid, reflected))) return false;
  const before = cachedState(client, uuid);
  const at = Date.now();
  const state = await fetchMessageGroup(client, uuid);
  const { version, cleared, seq } = state;
  if (seq < (newestOf(known)?.seq ?? 0)) {
    forgetHistory(client, uuid);
    return true;
  }
  if (cleared) applyCleared(client, uuid, cleared);
  const hasChanged = version !== (reflected?.version ?? 0);
  if (!hasChanged || (await readAgain(client, uuid)))
    client.setQueryData<Reflected>(reflectedKey(uuid), { revision, version, at });
  return hasChanged || (before !== undefined && (before.read !== state.read || before.blocked !== state.blocked));
}

/** What the cached messages of a conversation reflect. */
interface Reflected {
  /** Of the inbox row; undefined if no loaded page of the inbox has it. */
  revision: number | undefined;
  /** Of the conversation. */
  version: number;
  /** When the state was asked for, in milliseconds since 1970. */
  at: number;
}
const reflectedKey = (uuid: string) => ['reflected', uuid];

function isOutdated(client: QueryClient, uuid: string, { at }: Reflected): boolean {
  const state = cachedState(client, uuid);
  const known = client.getQueryData<PagedList<Message>>(threadKey(uuid));
  const mine = known && oldestFirst(known).findLast(({ user_uuid }) => user_uuid !== state?.user_uuid);
  const isUnseen = mine !== undefined && state?.read !== undefined && mine.sender_seq > state.read;
  return Date.now() - at > (isUnseen ? unseenAge : stateAge);
}

/**
 * How many of the signed-in user's messages the other one has read.
 * @param state of the conversation; until it is known, the messages say what they had read when the messages were fetched
 * @returns 0 if none, or if one of the two has switched read receipts off
 */
export function seenCount(state: MessageGroupState | undefined, messages: readonly Message[]): number {
  return (state ? state.read : messages.findLast(({ seen }) => seen)?.sender_seq) ?? 0;
}

/** Whether the two users show each other what they have read. The parameters are those of {@link seenCount}. */
export const hasReceipts = (state: MessageGroupState | undefined, messages: readonly Message[]): boolean =>
  state ? state.read !== undefined : messages.some(({ seen }) => seen !== undefined);

/** @returns whether all cached messages are current; a page that was being fetched at the same time may be older than those read here */
async function readAgain(client: QueryClient, uuid: string): Promise<boolean> {
  const oldest = oldestOf(client, uuid);
  const before = oldest && new Date(Date.parse(oldest.created_at) - 1).toISOString().replace('Z', '000+00:00');
  const current = new Map<string, Message>();
  for (let path = before && pathOf(uuid, before); path; ) {
    const { rows, next } = await requestPage<Message>(path);
    for (const row of rows) current.set(row.uuid, row);
    path = next;
  }
  const latest = (row: Message) => {
    const other = current.get(row.uuid);
    return other && other.revision > row.revision ? other : row;
  };
  client.setQueryData<PagedList<Message>>(
    threadKey(uuid),
    (list) => list && { ...list, pages: list.pages.map((part) => ({ ...part, rows: part.rows.map(latest) })) },
  );
  return client.isFetching({ queryKey: threadKey(uuid) }) === 0 && oldestOf(client, uuid)?.uuid === oldest?.uuid;
}

function oldestOf(client: QueryClient, uuid: string): Message | undefined {
  const known = client.getQueryData<PagedList<Message>>(threadKey(uuid));
  return known && oldestFirst(known)[0];
}

/** Changes one cached message of a conversation. @param of the UUID of the message */
export function updateMessage(client: QueryClient, uuid: string, of: string, change: (message: Message) => Message) {
  const changeRows = (rows: Message[]) => rows.map((row) => (row.uuid === of ? change(row) : row));
  client.setQueryData<PagedList<Message>>(
    threadKey(uuid),
    (list) => list && { ...list, pages: list.pages.map((part) => ({ ...part, rows: changeRows(part.rows) })) },
  );
}

function add(client: QueryClient, uuid: string, rows: Message[]): void {
  client.setQueryData<PagedList<Message>>(threadKey(uuid), (list) => list && appendNewer(list, rows));
}

function pathAfter(client: QueryClient, uuid: string): string | undefined {
  const known = client.getQueryData<PagedList<Message>>(threadKey(uuid));
  const newest = known && newestOf(known);
  return newest && pathOf(uuid, newest.created_at);
}

const pathOf = (uuid: string, after: string) => `/api/messages/${uuid}?${new URLSearchParams({ after, limit: '100' })}`;

const newestOf = ({ pages }: PagedList<Message>) => pages[0]?.rows.at(-1);
