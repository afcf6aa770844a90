import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { expect, test, vi } from 'vitest';
import { MessageList } from '../../../web/src/parts/message-list.tsx';
import { message, newClient, within } from './service.tsx';
import './setup.ts';

// Without a layout, Virtua shows no rows.
vi.mock('virtua', () => ({ Virtualizer: ({ children }: { children: ReactNode }) => <ol>{children}</ol> }));

const newest = new Date().toISOString();
const list = {
  uuid: 'g',
  me: 'me',
  label: 'Messages',
  unsent: [],
  edited: undefined,
  setEdited: () => undefined,
  loadOlder: undefined,
  onSeen: () => undefined,
};

test('the Tab key reaches the menu of the newest own message, and the arrows those of the others', async () => {
  const messages = [1, 2, 3].map((n) => ({
    ...message({ user_uuid: 'me', created_at: newest }),
    uuid: `m${n}`,
    message: `number ${n}`,
    seq: n,
  }));
  render(within(newClient(), <MessageList {...list} messages={messages} />));
  const menus = screen.getAllByRole('button', { name: 'Message options' });
  await userEvent.tab();
  expect(document.activeElement).toBe(screen.getByRole('region', { name: 'Messages' }));
  await userEvent.tab();
  expect(document.activeElement).toBe(menus.at(-1));
  await userEvent.keyboard('{ArrowUp}');
  expect(document.activeElement).toBe(menus.at(-2));
  await userEvent.keyboard('{ArrowDown}');
  expect(document.activeElement).toBe(menus.at(-1));
});
