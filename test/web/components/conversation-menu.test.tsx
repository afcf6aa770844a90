import type { QueryClient } from '@tanstack/react-query';
import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MessageGroup, MessageGroupState } from '../../../web/src/api/schema.ts';
import { cachedRow, fetchMessageGroup, refreshInbox, useInbox, useMessageGroup } from '../../../web/src/data/inbox.ts';
import { fetchChanges, fetchNewer, seenCount, useThread } from '../../../web/src/data/thread.ts';
import { useUnreadCount } from '../../../web/src/data/unread.ts';
import { BlockedNotice } from '../../../web/src/parts/blocked-notice.tsx';
import { ConversationMenu } from '../../../web/src/parts/conversation-menu.tsx';
import { group, json, message, newClient, noContent, refusal, type SeenRequest, serve, within } from './service.tsx';
import './setup.ts';

const at = (n: number) => `2026-01-01T00:00:0${n}.000000+00:00`;
const messages = [1, 2, 3].map((n) => message({ uuid: `m${n}`, message: `number ${n}`, seq: n, created_at: at(n) }));
let client: QueryClient;
let requests: SeenRequest[];
let answers: Parameters<typeof serve>[0];
let rows: MessageGroup[];

function Page() {
  const { data: inbox } = useInbox();
  const { data: shown } = useThread('g');
  const { data: state } = useMessageGroup('g', false);
  const row = inbox?.find(({ uuid }) => uuid === 'g');
  return (
    <>
      <p>{inbox?.map(({ uuid, muted, marked_unread }) => [uuid, muted, marked_unread].join(' ')).join(', ')}</p>
      <p>{`Shown: ${shown?.map((each) => each.message).join(', ')}`}</p>
      <p>Unread: {useUnreadCount()}</p>
      {row && shown && <ConversationMenu group={row} isBlocked={state?.blocked === true} newest={shown.at(-1)} />}
      {row && state?.blocked && <BlockedNotice name="Reef" user={row.user_uuid} />}
    </>
  );
}

beforeEach(async () => {
  history.replaceState(null, '', '/messages/g');
  client = newClient();
  rows = [group({ unread_count: 2, created_at: at(3) }), group({ uuid: 'h', created_at: at(1) })];
  answers = {
    'GET /api/message_groups?': () => json(rows),
    'GET /api/messages/g?limit': () => json(messages),
    'PUT /api/message_groups/g': noContent,
    'DELETE /api/message_groups/g/mute': noContent,
  };
  requests = serve(answers);
  render(within(client, <Page />));
  await screen.findByRole('button', { name: 'Conversation options' });
  requests.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
});
const choose = (name: string) => {
  fireEvent.click(screen.getByRole('button', { name: 'Conversation options' }));
  fireEvent.click(screen.getByRole('menuitem', { name }));
};

test('mutes the conversation, whose unread messages then count no more, and takes it back', async () => {
  screen.getByText('Unread: 2');
  choose('Mute');
  await screen.findByText('g true false, h false false');
  screen.getByText('Unread: 0');
  choose('Unmute');
  await screen.findByText('g false false, h false false');
  expect(requests.map(({ call, body }) => [call, body])).toEqual([
    ['PUT /api/message_groups/g/mute', undefined],
    ['DELETE /api/message_groups/g/mute', undefined],
  ]);
});

test('marks it as unread, and leaves it', async () => {
  choose('Mark as unread');
  await screen.findByText('g false true, h false false');
  expect(requests.map(({ call }) => call)).toEqual(['PUT /api/message_groups/g/unread']);
  await waitFor(() => expect(location.pathname).toBe('/messages'));
});

test('asks before it clears the conversation, for the user only', async () => {
  choose('Clear …');
  const dialog = screen.getByRole('dialog', { name: 'Clear this conversation?' });
  expect(dialog.textContent).toContain('Wriggle Reef still does.');
  fireEvent.click(screen.getByRole('button', { name: 'Keep' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(requests).toEqual([]);

  choose('Clear …');
  fireEvent.click(screen.getByRole('button', { name: 'Clear for me' }));
  await screen.findByText('h false false');
  screen.getByText('Shown:');
  expect(requests).toMatchObject([{ call: 'PUT /api/message_groups/g/cleared', body: { created_at: at(3) } }]);
  await waitFor(() => expect(location.pathname).toBe('/messages'));
});

test('a message that arrives while the question is open is not cleared', async () => {
  choose('Clear …');
  answers['GET /api/messages/g?after'] = () => json([message({ uuid: 'm4', seq: 4, created_at: at(4) })]);
  await act(() => fetchNewer(client, 'g'));
  await screen.findByText(/, hello$/);
  fireEvent.click(screen.getByRole('button', { name: 'Clear for me' }));
  await screen.findByText('Shown: hello');
  expect(requests.find(({ call }) => call.startsWith('PUT '))?.body).toEqual({ created_at: at(3) });
});

test('shows why the service has refused', async () => {
  answers['PUT /api/message_groups/g'] = () => refusal('No such conversation.', 'message_group_unknown', 404);
  choose('Mark as unread');
  expect((await screen.findByRole('alert')).textContent).toBe('No such conversation.');
  screen.getByText('g false false, h false false');
  expect(location.pathname).toBe('/messages/g');
});

test('a conversation that two polls miss leaves the inbox: it was cleared on another device', async () => {
  rows = rows.slice(1);
  await act(() => refreshInbox(client));
  await screen.findByText('g false false, h false false');
  await act(() => refreshInbox(client));
  await screen.findByText('h false false');
});

test('a conversation that one poll misses while its row moves stays in the inbox', async () => {
  const [g, h] = rows as [MessageGroup, MessageGroup];
  for (rows of [[h], [g, h], [h]]) {
    await act(() => refreshInbox(client));
    expect(cachedRow(client, 'g')).toEqual(g);
  }
});

test('asks before it blocks the other user, and unblocks them in the menu and in place of the composer', async () => {
  answers['GET /api/message_groups/g'] = () => json(state({ blocked: false }));
  answers['PUT /api/blocks/reef'] = noContent;
  answers['DELETE /api/blocks/reef'] = noContent;
  await act(() => fetchMessageGroup(client, 'g'));
  requests.length = 0;
  const block = async () => {
    choose('Block …');
    screen.getByRole('dialog', { name: 'Block Wriggle Reef?' });
    fireEvent.click(screen.getByRole('button', { name: 'Block' }));
    await screen.findByText(/^You block/);
  };
  await block();
  choose('Unblock');
  await waitFor(() => expect(screen.queryByText(/^You block/)).toBeNull());
  await block();
  fireEvent.click(screen.getByRole('button', { name: 'Unblock' }));
  await waitFor(() => expect(screen.queryByText(/^You block/)).toBeNull());
  const [put, remove] = ['PUT /api/blocks/reef', 'DELETE /api/blocks/reef'];
  expect(requests.map(({ call }) => call)).toEqual([put, remove, put, remove]);
});

const state = (more: object) => ({ ...group(), seq: 4, version: 0, ...more });
const isShown = (text: string) => screen.findByText(`Shown: ${text}`);

test('messages that were changed elsewhere are read again, once for each change', async () => {
  answers['GET /api/message_groups/g'] = () => json(state({ version: 1 }));
  answers['GET /api/messages/g?after'] = () => json(messages.map((each) => ({ ...each, message: 'new', revision: 1 })));
  await act(() => fetchChanges(client, 'g'));
  await isShown('new, new, new');
  const read = requests.map(({ call }) => call);
  expect(read).toHaveLength(2);
  expect(decodeURIComponent(read[1] ?? '')).toContain('after=2026-01-01T00:00:00.999000+00:00'); // before the oldest one
  await act(() => fetchChanges(client, 'g'));
  expect(requests).toHaveLength(2);

  // A read message changes the row, and no message.
  rows = rows.map((row) => ({ ...row, revision: 5 }));
  await act(() => refreshInbox(client));
  await act(() => fetchChanges(client, 'g'));
  expect(requests.map(({ call }) => call).slice(3)).toEqual(['GET /api/message_groups/g']);
});

test('the state is asked for again when it is old, sooner while the other user has not seen the last own message', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const mine = message({ uuid: 'm4', seq: 4, user_uuid: 'me', handle: 'me', sender_seq: 7, created_at: at(4) });
  answers['GET /api/messages/g?after'] = () => json([mine]);
  answers['GET /api/message_groups/g'] = () => json(state({ read: 6 }));
  await act(() => fetchNewer(client, 'g'));
  await act(() => fetchChanges(client, 'g'));
  requests.length = 0;
  const after = async (seconds: number) => {
    vi.setSystemTime(Date.now() + seconds * 1_000);
    const hasChanged = await act(() => fetchChanges(client, 'g'));
    return [requests.splice(0).map(({ call }) => call), hasChanged];
  };
  expect(await after(8)).toEqual([[], false]);
  expect(await after(1)).toEqual([['GET /api/message_groups/g'], false]);
  answers['GET /api/message_groups/g'] = () => json(state({ read: 7 }));
  expect(await after(9)).toEqual([['GET /api/message_groups/g'], true]);
  expect(await after(25)).toEqual([[], false]);
  answers['GET /api/message_groups/g'] = () => json(state({ read: 7, blocked: true }));
  expect(await after(1)).toEqual([['GET /api/message_groups/g'], true]); // blocked on another device
  await screen.findByText(/^You block/);
  answers['GET /api/message_groups/g'] = () => json(state({})); // read receipts are off
  await after(26);
  expect((await after(20))[0]).toEqual([]);
});

test('what the other user has seen follows from the state, and until that is known from the messages', () => {
  const mine = [1, 2, 3].map((n) => message({ uuid: `m${n}`, sender_seq: n, seen: n < 3 }));
  const known = state({ read: 3, blocked: false }) as unknown as MessageGroupState;
  const { read: _, ...withoutReceipts } = known;
  expect(seenCount(undefined, mine)).toBe(2);
  expect(seenCount(known, mine)).toBe(3);
  expect(seenCount(withoutReceipts, mine)).toBe(0);
});

test('an older state of a message does not replace a newer one', async () => {
  answers['GET /api/message_groups/g'] = () => json(state({ version: 1 }));
  answers['GET /api/messages/g?after'] = () => json(messages.map((each) => ({ ...each, message: 'same revision' })));
  await act(() => fetchChanges(client, 'g'));
  expect(requests).toHaveLength(2);
  expect(client.getQueryData(['messages', 'g'])).toMatchObject({ pages: [{ rows: messages }] });
});

test('messages that were cleared elsewhere disappear, and a new one appears after all were', async () => {
  answers['GET /api/message_groups/g'] = () => json(state({ cleared: at(2) }));
  await act(() => fetchChanges(client, 'g'));
  await isShown('number 3');
  answers['GET /api/message_groups/g'] = () => json(state({ cleared: at(3) }));
  rows = rows.map((row) => ({ ...row, revision: 5 }));
  await act(() => refreshInbox(client));
  await act(() => fetchChanges(client, 'g'));
  await screen.findByText('Shown:');
  const fourth = message({ uuid: 'm4', message: 'number 4', seq: 4, created_at: at(4) });
  answers['GET /api/messages/g?limit'] = () => json([fourth]);
  await act(() => fetchNewer(client, 'g'));
  await isShown('number 4');
});
