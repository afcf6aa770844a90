import type { QueryClient } from '@tanstack/react-query';
import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MessageGroup } from '../../../web/src/api/schema.ts';
import { keep } from '../../../web/src/api/storage.ts';
import { keepDraft } from '../../../web/src/data/drafts.ts';
import { send } from '../../../web/src/data/outbox.ts';
import { beginTyping, endTyping } from '../../../web/src/data/typing.ts';
import { Inbox } from '../../../web/src/parts/inbox.tsx';
import { RequireSignIn } from '../../../web/src/parts/require-sign-in.tsx';
import { TypingNotice } from '../../../web/src/parts/typing.tsx';
import { group, json, newClient, refusal, type SeenRequest, serve, within } from './service.tsx';
import './setup.ts';

// Without a layout, Virtua shows no rows.
vi.mock('virtua', () => ({
  Virtualizer: ({ data, children }: { data: MessageGroup[]; children: (row: MessageGroup) => ReactNode }) => (
    <ul>{data.map(children)}</ul>
  ),
}));

let rows: MessageGroup[];
let requests: SeenRequest[];
let answers: Parameters<typeof serve>[0];
beforeEach(() => {
  localStorage.clear();
  rows = [group()];
  client = newClient();
  answers = {
    'GET /api/me': () => json({ uuid: 'me', handle: 'me', display_name: 'Me' }),
    'GET /api/message_groups?': () => json(rows),
  };
  requests = serve(answers);
});
let client: QueryClient;
const page = (open?: string) =>
  within(
    client,
    <RequireSignIn>
      <Inbox open={open} />
    </RequireSignIn>,
  );
const show = (open?: string) => render(page(open));
const row = (name: RegExp = /Wriggle Reef/) => screen.findByRole('link', { name });

describe('while the other user types', () => {
  const receipts = (read_receipts: boolean) => {
    answers['GET /api/me'] = () => json({ uuid: 'me', handle: 'me', display_name: 'Me', read_receipts });
  };
  afterEach(() => endTyping('g'));

  test('the row says so, and shows the newest message again afterwards', async () => {
    receipts(true);
    show();
    expect((await row()).textContent).toContain('hello');
    act(() => beginTyping('g'));
    expect((await row()).textContent).toContain('typing');
    act(() => endTyping('g'));
    expect((await row()).textContent).not.toContain('typing');
  });

  test('the conversation says so by their name, not as an announcement', async () => {
    receipts(true);
    render(
      within(
        client,
        <RequireSignIn>
          <TypingNotice uuid="g" name="Wriggle Reef" />
        </RequireSignIn>,
      ),
    );
    act(() => beginTyping('g'));
    expect((await screen.findByText(/is typing/)).textContent).toBe(' Wriggle Reef is typing');
    expect(document.querySelector('[role=status], [aria-live]')).toBeNull();
  });

  test('nothing says so if the user has switched read receipts off', async () => {
    receipts(false);
    act(() => beginTyping('g'));
    show();
    expect((await row()).textContent).not.toContain('typing');
  });
});

test('a row says whether the conversation is unread, marked as unread, or muted', async () => {
  rows = [
    group({ uuid: 'a', display_name: 'Ada', unread_count: 3 }),
    group({ uuid: 'b', display_name: 'Bo', marked_unread: true }),
    group({ uuid: 'c', display_name: 'Cy', muted: true }),
  ];
  show();
  expect((await row(/Ada/)).textContent).toMatch(/3 unread$/);
  expect((await row(/Bo/)).textContent).toMatch(/Marked as unread$/);
  expect((await row(/Bo/)).className).toContain('unread');
  expect((await row(/Cy/)).textContent).not.toContain('unread');
  expect(screen.getAllByRole('img').map((image) => image.getAttribute('aria-label'))).toEqual(['Muted']);
  await row(/Cy.*Muted/);
});

test('a row shows the draft to its user, unless the conversation is open', async () => {
  const { rerender } = show();
  const { textContent: before } = await row();
  act(() => keepDraft('reef', 'begun'));
  expect((await row()).textContent).toContain('Draft: begun');
  expect((await row()).textContent).not.toContain('hello');
  rerender(page('g'));
  expect((await row()).textContent).toBe(before);
  rerender(page());
  act(() => keepDraft('reef', ' '));
  expect((await row()).textContent).toBe(before);

  keep('me', 'draft:reef:', 'of another tab');
  act(() => void dispatchEvent(new Event('storage')));
  expect((await row()).textContent).toContain('Draft: of another tab');
  act(() => keepDraft('reef', ''));
});

test('a row says first that a message was not sent', async () => {
  answers['POST /api/messages'] = () => refusal('Too long.');
  show();
  await row();
  act(() => keepDraft('reef', 'begun'));
  act(() => send(client, { handle: 'reef' }, 'refused'));
  await screen.findByText('Not sent');
  expect((await row()).textContent).not.toContain('Draft');
  act(() => keepDraft('reef', ''));
});

describe('the search', () => {
  const field = () => screen.getByRole<HTMLInputElement>('searchbox', { name: 'Search conversations and users' });
  const seek = (value: string) => fireEvent.change(field(), { target: { value } });
  const links = () => screen.getAllByRole('link').flatMap((link) => /@(\w+)/.exec(link.textContent ?? '')?.[1] ?? []);
  beforeEach(() => {
    history.replaceState(null, '', '/messages');
    rows = [
      group({ uuid: 'a', user_uuid: 'u1', handle: 'reef', display_name: 'José Reef' }),
      group({ uuid: 'b', user_uuid: 'u2', handle: 'bayko', display_name: 'Bo' }),
    ];
    answers['GET /api/users?prefix'] = () =>
      new Response(
        JSON.stringify([
          { uuid: 'u1', handle: 'reef', display_name: 'José Reef' },
          { uuid: 'u3', handle: 'reefer', display_name: 'Other' },
          { uuid: 'me', handle: 'reeve', display_name: 'Me' },
        ]),
        { headers: { 'more-results': 'true' } },
      );
  });
  const open = async () => {
    show();
    await row(/Bo/);
    requests.length = 0;
  };

  test.each([
    ['jose', ['reef']],
    ['EF', ['reef']],
    ['@bay', ['bayko']],
    ['BAYK', ['bayko']],
    ['  ', ['reef', 'bayko']],
    ['reefs', []],
  ])('for %s finds the loaded conversations by name and handle: %j', async (text, expected) => {
    await open();
    seek(text);
    expect(links()).toEqual(expected);
    expect(screen.queryByText('No conversation matches.') !== null).toBe(expected.length === 0);
  });

  test('offers the users whom it finds besides, with one request for what was typed', async () => {
    await open();
    for (const text of ['r', 're', 'ree']) seek(text);
    await screen.findByRole('heading', { name: 'Other users' });
    expect(links()).toEqual(['reef', 'reefer']);
    screen.getByText(/More users match/);
    expect(requests.map(({ call }) => call)).toEqual(['GET /api/users?prefix=ree']);
  });

  test('does not ask for one letter', async () => {
    await open();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    seek('r');
    await act(() => vi.advanceTimersByTimeAsync(1_000));
    vi.useRealTimers();
    expect(requests).toEqual([]);
  });

  test('Enter opens the first result, which ends the search; Escape ends it, too', async () => {
    await open();
    seek('bay');
    fireEvent.keyDown(field(), { key: 'Enter' });
    await waitFor(() => expect(location.pathname).toBe('/messages/b'));
    expect(field().value).toBe('');
    seek('bay');
    fireEvent.keyDown(field(), { key: 'Escape' });
    expect(links()).toEqual(['reef', 'bayko']);
  });
});
