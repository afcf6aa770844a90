import { render, screen } from '@testing-library/react';
import type { ReactNode } from 'react';
import { beforeEach, expect, test, vi } from 'vitest';
import type { MessageGroup } from '../../../web/src/api/schema.ts';
import { Inbox } from '../../../web/src/parts/inbox.tsx';
import { group, json, newClient, serve, within } from './service.tsx';
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
  answers = { 'GET /api/message_groups?': () => json(rows) };
  serve(answers);
});
const show = () => render(within(newClient(), <Inbox open={undefined} />));
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
