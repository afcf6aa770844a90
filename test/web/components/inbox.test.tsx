import type { QueryClient } from '@tanstack/react-query';
import { act, render, screen } from '@testing-library/react';
import type { ReactNode } from 'react';
import { beforeEach, expect, test, vi } from 'vitest';
import type { MessageGroup } from '../../../web/src/api/schema.ts';
import { keep } from '../../../web/src/api/storage.ts';
import { keepDraft } from '../../../web/src/data/drafts.ts';
import { send } from '../../../web/src/data/outbox.ts';
import { Inbox } from '../../../web/src/parts/inbox.tsx';
import { group, json, newClient, refusal, serve, within } from './service.tsx';
import './setup.ts';

// Without a layout, Virtua shows no rows.
vi.mock('virtua', () => ({
  Virtualizer: ({ data, children }: { data: MessageGroup[]; children: (row: MessageGroup) => ReactNode }) => (
    <ul>{data.map(children)}</ul>
  ),
}));

let rows: MessageGroup[];
let answers: Parameters<typeof serve>[0];
beforeEach(() => {
  localStorage.clear();
  rows = [group()];
  client = newClient();
  answers = { 'GET /api/message_groups?': () => json(rows) };
  serve(answers);
});
let client: QueryClient;
const show = (open?: string) => render(within(client, <Inbox open={open} />));
const row = (name: RegExp = /Wriggle Reef/) => screen.findByRole('link', { name });

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
  rerender(within(client, <Inbox open="g" />));
  expect((await row()).textContent).toBe(before);
  rerender(within(client, <Inbox open={undefined} />));
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
