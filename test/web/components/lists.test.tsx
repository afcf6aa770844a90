import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Message, MessageGroup, User } from '../../../web/src/api/schema.ts';
import { addSentToInbox, updateInboxRow, useInbox } from '../../../web/src/data/inbox.ts';
import { fetchNewer, useThread } from '../../../web/src/data/thread.ts';
import { useUnreadCount } from '../../../web/src/data/unread.ts';
import { useUserSearch } from '../../../web/src/data/users.ts';
import { useTitle } from '../../../web/src/parts/title.ts';
import { useUnreadMarks } from '../../../web/src/parts/unread-marks.ts';
import { sign } from '../../support/tokens.ts';
import './setup.ts';

// Lists that change while a page of them is being fetched.

const json = (body: unknown, link?: string) =>
  new Response(JSON.stringify(body), { headers: link ? { link: `<${link}>; rel="next"` } : {} });

let client: QueryClient;
/** The API's responses, by the beginning of the path. */
let answers: Record<string, () => Response | Promise<Response>>;
beforeEach(() => {
  client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } } });
  answers = { '/session': () => json({ access_token: sign({ sub: 'me' }), expires_in: 3_600 }) };
  vi.stubGlobal('fetch', async (path: string) => {
    const found = Object.keys(answers).find((start) => path.startsWith(start));
    if (!found) throw new Error(`no response is set for ${path}`);
    return (answers[found] as () => Response)();
  });
});

const using = <Result,>(hook: () => Result) =>
  renderHook(hook, {
    wrapper: ({ children }: { children: ReactNode }) => (
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    ),
  });

/** A response that is held back until `release`. */
function held(response: () => Response) {
  let release = () => {};
  const released = new Promise<void>((done) => {
    release = done;
  });
  return { answer: () => released.then(response), release };
}

const message = (seq: number) =>
  ({ uuid: `m${seq}`, seq, message: `message ${seq}`, created_at: `2026-01-01T00:00:0${seq}` }) as Message;

test('a message that arrives while an older page is being fetched stays', async () => {
  answers['/api/messages/g?limit'] = () => json([message(5), message(6)], '/api/messages/g?cursor=1');
  const { result } = using(() => useThread('g'));
  await waitFor(() => expect(result.current.data).toHaveLength(2));

  const older = held(() => json([message(3), message(4)]));
  answers['/api/messages/g?cursor'] = older.answer;
  answers['/api/messages/g?after'] = () => json([message(7)]);
  act(() => void result.current.fetchNextPage());
  await act(() => fetchNewer(client, 'g'));
  older.release();
  await waitFor(() => expect(result.current.data?.map(({ seq }) => seq)).toEqual([3, 4, 5, 6, 7]));
});

test('a message that is missing in a fetched page is fetched later, although a newer one is already shown', async () => {
  const young = (seq: number) => ({ ...message(seq), created_at: new Date().toISOString() });
  answers['/api/messages/g?limit'] = () => json([message(1), young(3)]);
  const { result } = using(() => useThread('g'));
  await waitFor(() => expect(result.current.data).toHaveLength(2));
  answers['/api/messages/g?limit'] = () => json([message(1), young(2), young(3)]);
  answers['/api/messages/g?after'] = () => json([]);
  await act(() => fetchNewer(client, 'g'));
  await waitFor(() => expect(result.current.data?.map(({ seq }) => seq)).toEqual([1, 2, 3]));
});

test('a gap older than a minute is final, and polling does not fetch it again', async () => {
  answers['/api/messages/g?limit'] = () => json([message(1), message(3)]);
  const { result } = using(() => useThread('g'));
  await waitFor(() => expect(result.current.data).toHaveLength(2));
  answers['/api/messages/g?limit'] = () => json([]);
  answers['/api/messages/g?after'] = () => json([]);
  expect(await act(() => fetchNewer(client, 'g'))).toBe(false);
  expect(result.current.data).toHaveLength(2);
});

test.each([2, 5, 6])('when a different message %i arrives, all cached messages are replaced', async (seq) => {
  answers['/api/messages/g?limit'] = () => json([message(5), message(6)]);
  const { result } = using(() => useThread('g'));
  await waitFor(() => expect(result.current.data).toHaveLength(2));
  const other = { ...message(seq), uuid: 'other', created_at: '2026-01-02T00:00:00' };
  answers['/api/messages/g?limit'] = () => json([other]);
  answers['/api/messages/g?after'] = () => json([other]);
  await act(() => fetchNewer(client, 'g'));
  await waitFor(() => expect(result.current.data?.map(({ uuid }) => uuid)).toEqual(['other']));
});

const group = (uuid: string, unread_count = 0): MessageGroup => ({
  uuid,
  user_uuid: `user of ${uuid}`,
  handle: uuid,
  display_name: uuid,
  message: 'hello',
  created_at: `2026-01-01T00:00:00.00000${uuid.length}+00:00`,
  unread_count,
  muted: false,
  marked_unread: false,
  revision: 0,
});

test('a conversation read while the next inbox page is being fetched stays read', async () => {
  answers['/api/message_groups?limit'] = () => json([group('aaa', 3), group('aa')], '/api/message_groups?cursor=1');
  const { result } = using(() => useInbox());
  await waitFor(() => expect(result.current.data).toHaveLength(2));

  const next = held(() => json([group('a')]));
  answers['/api/message_groups?cursor'] = next.answer;
  act(() => void result.current.fetchNextPage());
  act(() => updateInboxRow(client, 'aaa', (each) => ({ ...each, unread_count: 0 })));
  next.release();
  await waitFor(() => expect(result.current.data).toHaveLength(3));
  expect(result.current.data?.[0]).toMatchObject({ uuid: 'aaa', unread_count: 0 });
});

const thirtyUnread = () =>
  Array.from({ length: 30 }, (_, n) => ({ ...group(`g${n}`, 1), created_at: `2026-01-01T00:00:${59 - n}` }));

test('while all conversations are loaded, the unread messages are counted here, without muted ones', async () => {
  const rows = thirtyUnread();
  Object.assign(rows[0] as MessageGroup, { muted: true });
  answers['/api/message_groups?limit'] = () => json(rows);
  const { result } = using(() => useUnreadCount());
  await waitFor(() => expect(result.current).toBe(29));
});

test('if there are more conversations, the service counts the unread messages, again when a loaded one changes', async () => {
  answers['/api/message_groups?limit'] = () => json(thirtyUnread(), '/api/message_groups?cursor=1');
  let counted = 42;
  answers['/api/unread'] = () => json({ unread_count: counted, message_groups: 40 });
  const { result } = using(() => useUnreadCount());
  await waitFor(() => expect(result.current).toBe(42));
  counted = 41;
  act(() => updateInboxRow(client, 'g3', (row) => ({ ...row, unread_count: 0 })));
  await waitFor(() => expect(result.current).toBe(41));
});

test('the title and the icon show that there are unread messages', async () => {
  document.head.innerHTML = '<link rel="icon" href="http://localhost/favicon.svg">';
  const icon = () => document.querySelector<HTMLLinkElement>('link[rel=icon]')?.href;
  answers['/api/message_groups?limit'] = () => json([group('aa', 3)]);
  const { unmount } = using(() => [useTitle('Messages'), useUnreadMarks()]);
  expect(document.title).toBe('Messages · Cruddur');
  await waitFor(() => expect(document.title).toBe('(3) Messages · Cruddur'));
  expect(icon()).toMatch(/^data:image\/svg/);
  act(() => updateInboxRow(client, 'aa', (row) => ({ ...row, unread_count: 0 })));
  await waitFor(() => expect(document.title).toBe('Messages · Cruddur'));
  expect(icon()).toBe('http://localhost/favicon.svg');
  act(() => updateInboxRow(client, 'aa', (row) => ({ ...row, unread_count: 1 })));
  await waitFor(() => expect(document.title).toBe('(1) Messages · Cruddur'));
  unmount();
  expect([document.title, icon()]).toEqual(['Messages · Cruddur', 'http://localhost/favicon.svg']);
});

test.each([true, false])('the search says whether the service has left out users: %s', async (more) => {
  const headers: HeadersInit = more ? { 'more-results': 'true' } : {};
  answers['/api/users?prefix=re'] = () => new Response(JSON.stringify([group('reef')]), { headers });
  const { result } = using(() => useUserSearch('@RE'));
  await waitFor(() => expect(result.current.data).toEqual({ rows: [group('reef')], more }));
});

test('a first message shows a new conversation at once; an older message does not replace a newer one', async () => {
  answers['/api/message_groups?limit'] = () => json([group('aaa')]);
  const { result } = using(() => useInbox());
  await waitFor(() => expect(result.current.data).toHaveLength(1));
  const reef: User = { uuid: 'r', handle: 'reef', display_name: 'Wriggle Reef' };
  const sent = (message_group_uuid: string, created_at: string) =>
    ({ ...message(1), message: 'sent', message_group_uuid, created_at }) as Parameters<typeof addSentToInbox>[1];
  act(() => addSentToInbox(client, sent('new', '2026-01-02'), reef));
  await waitFor(() => expect(result.current.data?.[0]).toMatchObject({ uuid: 'new', handle: 'reef', message: 'sent' }));
  act(() => addSentToInbox(client, sent('new', '2026-01-01'), reef));
  act(() => addSentToInbox(client, sent('aaa', '2025-12-31'), undefined));
  expect(result.current.data?.map(({ uuid, message }) => [uuid, message])).toEqual([
    ['new', 'sent'],
    ['aaa', 'hello'],
  ]);
});
