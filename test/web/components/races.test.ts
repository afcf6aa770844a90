import { InfiniteQueryObserver, type QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Message, MessageGroup } from '../../../web/src/api/schema.ts';
import { applyEvent } from '../../../web/src/data/events.ts';
import { cachedRow, cachedState, inboxOptions, refreshInbox } from '../../../web/src/data/inbox.ts';
import { editMessage } from '../../../web/src/data/message-changes.ts';
import type { PagedList } from '../../../web/src/data/paged-list.ts';
import { pollOptions } from '../../../web/src/data/polling.ts';
import { addSentToThread, fetchChanges, oldestFirst, threadKey, threadOptions } from '../../../web/src/data/thread.ts';
import { group, json, message, newClient, serve } from './service.tsx';
import './setup.ts';

// Answers that are overtaken by something later, at a page that shows the conversation g, whose messages 2 to 4 it has loaded.

const at = (n: number) => `2026-01-01T00:00:0${n}.000000+00:00`;
const numbered = (n: number, more: Partial<Message> = {}) =>
  message({ uuid: `m${n}`, seq: n, sender_seq: n, message: `number ${n}`, created_at: at(n), revision: 1, ...more });
const row = (more: Partial<MessageGroup> = {}) =>
  group({ created_at: at(4), message: 'number 4', revision: 5, ...more });

let client: QueryClient;
/** What the service answers from now on. */
let stored: { messages: Message[]; rows: MessageGroup[]; version: number };
/** The requests that wait for {@link release}, by the beginning of their call. */
let held: Map<string, (() => void)[]>;
let thread: InfiniteQueryObserver;
let leave: (() => void)[];

beforeEach(async () => {
  client = newClient();
  client.setQueryData(['me'], { uuid: 'me' });
  held = new Map();
  stored = { messages: [1, 2, 3, 4].map((n) => numbered(n)), rows: [row()], version: 0 };
  serve({
    'GET /api/message_groups?': () => answer('inbox', stored.rows),
    'GET /api/message_groups/g': () =>
      answer('state', { ...row(), seq: stored.messages.length, version: stored.version, read: 0, blocked: false }),
    'GET /api/messages/g?limit': () => answer('messages', stored.messages.slice(1), '/api/messages/g?cursor=2'),
    'GET /api/messages/g?cursor': () => answer('older', stored.messages.slice(0, 1)),
    'GET /api/messages/g?after': ({ call }) => {
      const after = new URLSearchParams(call.split('?')[1]).get('after') ?? '';
      return answer(
        'newer',
        stored.messages.filter(({ created_at }) => created_at > after),
      );
    },
    'PATCH /api/messages/g/': () => answer('edit', { ...numbered(4), ...edited, message_group_uuid: 'g' }),
  });
  thread = new InfiniteQueryObserver(client, threadOptions('g') as never);
  leave = [new InfiniteQueryObserver(client, inboxOptions as never).subscribe(() => {}), thread.subscribe(() => {})];
  await vi.waitFor(() => expect(client.isFetching()).toBe(0));
});
afterEach(() => {
  for (const each of leave) each();
  client.clear();
});

const edited = { message: 'edited', revision: 2 };
const hold = (what: string) => held.set(what, []);
/** Sends the answers that were held; they are of the moment of their request. */
function release(what: string): void {
  const waiting = held.get(what);
  held.delete(what);
  for (const each of waiting ?? []) each();
}
async function answer(what: string, body: unknown, next?: string): Promise<Response> {
  const response = json(body);
  if (next) response.headers.set('link', `<${next}>; rel="next"`);
  const waiting = held.get(what);
  if (waiting) await new Promise<void>((resolve) => waiting.push(resolve));
  return response;
}
const isRequested = (what: string) => vi.waitFor(() => expect(held.get(what)).toHaveLength(1));
function shown(): string[] {
  const list = client.getQueryData<PagedList<Message>>(threadKey('g'));
  return list ? oldestFirst(list).map(({ message }) => message) : [];
}

test('an answer of the inbox that a later poll has overtaken changes nothing', async () => {
  hold('inbox');
  const slow = refreshInbox(client);
  await isRequested('inbox');
  const waiting = held.get('inbox');
  held.delete('inbox');
  stored.rows = []; // cleared on another device
  await refreshInbox(client);
  await refreshInbox(client);
  expect(cachedRow(client, 'g')).toBeUndefined();
  for (const each of waiting ?? []) each();
  await slow;
  expect(cachedRow(client, 'g')).toBeUndefined();
});

test('the poll at the opening of a conversation waits for its messages, and asks for its state', async () => {
  client.removeQueries({ queryKey: threadKey('g') });
  hold('messages');
  leave.push(new InfiniteQueryObserver(client, threadOptions('g') as never).subscribe(() => {}));
  leave.push(new QueryObserver(client, pollOptions(client, 'g')).subscribe(() => {}));
  await isRequested('messages');
  release('messages');
  await vi.waitFor(() => expect(cachedState(client, 'g')).toBeDefined());
});

test('the answer to an edit does not replace a later text', async () => {
  hold('edit');
  const editing = editMessage(client, 'g', numbered(4), 'edited');
  await isRequested('edit');
  const later = numbered(4, { message: 'edited on another device', revision: 3 });
  applyEvent(client, { type: 'message.updated', message_group_uuid: 'g', message: later });
  release('edit');
  await editing;
  expect(shown().at(-1)).toBe('edited on another device');
});

test('the answer to an edit does not change a row that has become later meanwhile', async () => {
  hold('edit');
  const editing = editMessage(client, 'g', numbered(4), 'edited');
  await isRequested('edit');
  applyEvent(client, { type: 'message_group.updated', message_group: row({ message: 'later', revision: 6 }) });
  release('edit');
  await editing;
  expect(cachedRow(client, 'g')?.message).toBe('later');
});

test("an own edit stays in the inbox until the service's row is a later one", async () => {
  await editMessage(client, 'g', numbered(4), 'edited');
  await refreshInbox(client);
  expect(cachedRow(client, 'g')?.message).toBe('edited');
  stored.rows = [row({ message: 'later', revision: 6 })];
  await refreshInbox(client);
  expect(cachedRow(client, 'g')?.message).toBe('later');
});

test.each(['while they are', 'after they were'])(
  'an older page from before an edit that arrives %s read again',
  async (when) => {
    hold('older');
    const loading = thread.fetchNextPage();
    await isRequested('older');
    stored.messages[0] = numbered(1, edited);
    stored.version = 1;
    hold('newer');
    const reading = fetchChanges(client, 'g');
    await isRequested('newer');
    const arrive = { older: loading, newer: reading };
    for (const what of when.startsWith('while') ? (['older', 'newer'] as const) : (['newer', 'older'] as const)) {
      release(what);
      await arrive[what];
    }
    expect(shown()[0]).toBe('number 1');
    await fetchChanges(client, 'g');
    expect(shown()).toEqual(['edited', 'number 2', 'number 3', 'number 4']);
  },
);

test('a sent message that does not follow the newest one is fetched with those before it', async () => {
  stored.messages.push(numbered(5), numbered(6));
  await addSentToThread(client, { ...numbered(6), message_group_uuid: 'g' });
  expect(shown().slice(-2)).toEqual(['number 5', 'number 6']);
});
