import { InfiniteQueryObserver, type QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Message, MessageGroup } from '../../../web/src/api/schema.ts';
import { applyEvent, type ServiceEvent } from '../../../web/src/data/events.ts';
import { cachedRow, cachedState, fetchMessageGroup, inboxKey, inboxOptions } from '../../../web/src/data/inbox.ts';
import { type Arrival, incoming } from '../../../web/src/data/incoming.ts';
import type { PagedList } from '../../../web/src/data/paged-list.ts';
import { pollOptions } from '../../../web/src/data/polling.ts';
import { oldestFirst, threadKey, threadOptions } from '../../../web/src/data/thread.ts';
import { group, json, message, newClient, type SeenRequest, serve } from './service.tsx';
import './setup.ts';

// Each event by itself, at a page that shows the conversation g, whose messages 2 to 4 it has loaded.

const at = (n: number) => `2026-01-01T00:00:0${n}.000000+00:00`;
const numbered = (n: number, more: Partial<Message> = {}) =>
  message({ uuid: `m${n}`, seq: n, sender_seq: n, message: `number ${n}`, created_at: at(n), revision: 1, ...more });

let client: QueryClient;
let requests: SeenRequest[];
let leave: (() => void)[];
let arrived: Arrival[];
const note = (event: Event) => arrived.push((event as CustomEvent<Arrival>).detail);

beforeEach(async () => {
  client = newClient();
  client.setQueryData(['me'], { uuid: 'me' });
  const row = group({ created_at: at(4), message: 'number 4', revision: 5 });
  requests = serve({
    'GET /api/message_groups?': () => json([row]),
    'GET /api/message_groups/g': () => json({ ...row, seq: 4, version: 0, read: 2, blocked: false }),
    'GET /api/messages/g?limit': () => json([2, 3, 4].map((n) => numbered(n))),
    'GET /api/messages/g?after': () => json([]),
  });
  leave = [
    new InfiniteQueryObserver(client, inboxOptions as never).subscribe(() => {}),
    new InfiniteQueryObserver(client, threadOptions('g') as never).subscribe(() => {}),
  ];
  await vi.waitFor(() => expect(shown()).toHaveLength(3));
  await vi.waitFor(() => expect(cachedRow(client, 'g')).toBeDefined());
  await fetchMessageGroup(client, 'g');
  leave.push(new QueryObserver(client, pollOptions(client, 'g')).subscribe(() => {}));
  await quiet();
  requests.length = 0;
  arrived = [];
  incoming.addEventListener('message', note);
});
afterEach(() => {
  incoming.removeEventListener('message', note);
  for (const each of leave) each();
  client.clear();
});

const quiet = () => vi.waitFor(() => expect(client.isFetching()).toBe(0));
const apply = (event: ServiceEvent) => applyEvent(client, event);
const created = (it: Message) => apply({ type: 'message.created', message_group_uuid: 'g', message: it });
const updated = (it: Message) => apply({ type: 'message.updated', message_group_uuid: 'g', message: it });
const row = (more: Partial<MessageGroup>, hidden = false) =>
  apply({
    type: 'message_group.updated',
    message_group: group({ created_at: at(4), message: 'number 4', ...more }),
    hidden,
  });
function shown(): string[] {
  const list = client.getQueryData<PagedList<Message>>(threadKey('g'));
  return list ? oldestFirst(list).map(({ message }) => message) : [];
}
/** Whether a poll is under way. */
const polls = () => client.isFetching({ queryKey: ['poll'] }) > 0;

test('the next message is appended once, without a request', () => {
  created(numbered(5));
  created(numbered(5));
  expect(shown()).toEqual(['number 2', 'number 3', 'number 4', 'number 5']);
  expect(polls()).toBe(false);
});

test('a message after a gap is left to a poll', async () => {
  created(numbered(6));
  expect(shown()).toEqual(['number 2', 'number 3', 'number 4']);
  expect(polls()).toBe(true);
  await quiet();
  expect(requests.map(({ call }) => call)).toContain('GET /api/message_groups?limit=30');
});

test('a message older than the loaded ones is left to its page', () => {
  updated(numbered(1, { revision: 2 }));
  expect(shown()).toEqual(['number 2', 'number 3', 'number 4']);
  expect(polls()).toBe(false);
});

test('only a later revision replaces a message', () => {
  updated(numbered(3, { message: 'third', revision: 3 }));
  updated(numbered(3, { message: 'second', revision: 2 }));
  created(numbered(3));
  expect(shown()).toEqual(['number 2', 'third', 'number 4']);
  updated(numbered(3, { message: '', revision: 4, deleted_at: at(9) }));
  expect(shown()).toEqual(['number 2', '', 'number 4']);
});

test('another message under the same number starts the conversation anew', async () => {
  const fetches = requests.length;
  created(numbered(4, { uuid: 'another' }));
  await quiet();
  expect(requests.slice(fetches).map(({ call }) => call)).toContain('GET /api/messages/g?limit=30');
});

test('only a later revision replaces a row', () => {
  row({ muted: true, revision: 7 });
  row({ muted: false, revision: 6 });
  expect(cachedRow(client, 'g')).toMatchObject({ muted: true, revision: 7 });
  expect(cachedState(client, 'g')).toMatchObject({ muted: true, revision: 7 });
  row({ uuid: 'new', created_at: at(6), revision: 0 });
  expect(cachedRow(client, 'new')).toBeDefined();
  expect(polls()).toBe(false);
});

test('a row that shows what the open conversation lacks leads to a poll', () => {
  row({ message: 'edited', revision: 6 });
  expect(polls()).toBe(true);
});

test('a row below the loaded ones is left to its page', () => {
  client.setQueryData<PagedList<MessageGroup>>(inboxKey, {
    pages: [{ rows: [group({ created_at: at(4) })], next: 'more' }],
    pageParams: [''],
  });
  row({ uuid: 'old', created_at: at(1), revision: 9 });
  expect(cachedRow(client, 'old')).toBeUndefined();
});

test('a cleared conversation leaves the inbox, and neither a late row nor a late message brings it back', async () => {
  apply({ type: 'message_group.cleared', message_group_uuid: 'g', cleared: at(3) });
  expect(shown()).toEqual(['number 4']);
  expect(cachedRow(client, 'g')).toBeDefined(); // for the message after that time
  row({ message: '', revision: 8 }, true);
  expect([shown(), cachedRow(client, 'g')]).toEqual([[], undefined]);
  row({ revision: 6 });
  created(numbered(4));
  expect([shown(), cachedRow(client, 'g')]).toEqual([[], undefined]);
  leave.push(new QueryObserver(client, pollOptions(client, undefined)).subscribe(() => {}));
  await quiet(); // a poll whose answer is older
  expect(cachedRow(client, 'g')).toBeUndefined();
  row({ created_at: at(5), message: 'number 5', revision: 9 });
  expect(cachedRow(client, 'g')).toMatchObject({ revision: 9 });
});

test('what the other user has read only grows, and an older answer does not take it back', async () => {
  const read = (user_uuid: string, count: number) =>
    apply({ type: 'message_group.read', message_group_uuid: 'g', user_uuid, read: count });
  read('reef', 3);
  read('reef', 1);
  read('me', 9);
  expect(cachedState(client, 'g')?.read).toBe(3);
  row({ muted: true, revision: 8 });
  await fetchMessageGroup(client, 'g');
  expect(cachedState(client, 'g')).toMatchObject({ read: 3, muted: true, revision: 8 });
});

test('a message of another user is announced once', () => {
  created(numbered(5, { uuid: 'announced' }));
  created(numbered(5, { uuid: 'announced' }));
  created(numbered(6, { uuid: 'own', user_uuid: 'me' }));
  created(numbered(7, { uuid: 'deleted', deleted_at: at(8) }));
  expect(arrived.map(({ message_group_uuid, message: { uuid } }) => [message_group_uuid, uuid])).toEqual([
    ['g', 'announced'],
  ]);
});

test('unknown types and fields are ignored', () => {
  apply({ type: 'pong' } as never);
  apply({ type: 'error', code: 'action_unknown' } as never);
  expect([shown().length, polls()]).toEqual([3, false]);
});
