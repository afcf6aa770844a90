import type { QueryClient } from '@tanstack/react-query';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { ConversationMenu } from '../../../web/src/parts/conversation-menu.tsx';
import { Menu } from '../../../web/src/parts/menu.tsx';
import { UserList } from '../../../web/src/parts/user-list.tsx';
import { UserMenu } from '../../../web/src/parts/user-menu.tsx';
import { group, json, newClient, noContent, refusal, type SeenRequest, serve, within } from './service.tsx';
import './setup.ts';

const reef = { uuid: 'reef', handle: 'reef', display_name: 'Wriggle Reef' };
let client: QueryClient;
let requests: SeenRequest[];
let answers: Parameters<typeof serve>[0];
const state = (more: object) => json({ ...group(), seq: 1, version: 0, blocked: false, ...more });
beforeEach(() => {
  history.replaceState(null, '', '/messages/new');
  client = newClient();
  answers = {
    'GET /api/users/reef/short': () => json(reef),
    'GET /api/blocks': () => json([]),
    'GET /api/message_groups/g': () => state({}),
    'PUT /api/': noContent,
    'DELETE /api/': noContent,
    'POST /api/reports': () => json({ uuid: 'r' }, 201),
  };
  requests = serve(answers);
});
const open = async () => {
  fireEvent.click(screen.getByRole('button', { name: 'Options for Wriggle Reef' }));
  return (await screen.findAllByRole('menuitem')).map(({ textContent }) => textContent);
};
const choose = (name: string) => fireEvent.click(screen.getByRole('menuitem', { name }));
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

test('a user who was found, without a conversation, can be written to, or blocked and unblocked', async () => {
  render(within(client, <UserList users={[reef]} />));
  expect(await open()).toEqual(['Write a message', 'Block …']);
  choose('Block …');
  press('Block');
  await waitFor(() => expect(requests.at(-1)?.call).toBe('PUT /api/blocks/reef'));
  answers['GET /api/blocks'] = () => json([{ ...reef, blocked_at: 'now' }]);
  expect(await open()).toEqual(['Write a message', 'Unblock']);
  choose('Unblock');
  await waitFor(() => expect(requests.at(-1)?.call).toBe('DELETE /api/blocks/reef'));
  await open();
  choose('Write a message');
  expect(location.pathname).toBe('/messages/new/reef');
});

test('a user is blocked whichever page of the list names them', async () => {
  const others = Array.from({ length: 100 }, (_, n) => ({ ...reef, uuid: `other${n}`, blocked_at: 'then' }));
  const link = { link: '</api/blocks?limit=100&cursor=c>; rel="next"' };
  answers['GET /api/blocks?limit=100'] = () => new Response(JSON.stringify(others), { headers: link });
  answers['GET /api/blocks?limit=100&cursor=c'] = () => json([{ ...reef, blocked_at: 'then' }]);
  render(within(client, <UserMenu user={reef} />));
  expect(await open()).toEqual(['Write a message', 'Unblock']);
});

test('a user with a conversation can be reported, and is blocked if its state says so', async () => {
  answers['GET /api/users/reef/short'] = () => json({ ...reef, message_group_uuid: 'g' });
  answers['GET /api/message_groups/g'] = () => state({ blocked: true });
  render(within(client, <UserMenu user={reef} isOpen />));
  expect(await open()).toEqual(['Unblock', 'Report …']);
  choose('Report …');
  fireEvent.click(screen.getByRole('radio', { name: 'Something else' }));
  press('Report');
  await screen.findByRole('dialog', { name: 'Thank you for the report' });
  expect(requests.at(-1)?.body).toEqual({ message_group_uuid: 'g', reason: 'other' });
});

test('without an answer the menu opens nevertheless', async () => {
  answers['GET /api/users/reef/short'] = () => refusal('Busy.', 'throttled', 503);
  render(within(client, <UserMenu user={reef} />));
  expect(await open()).toEqual(['Write a message', 'Block …']);
});

test('the menu of a row asks whether the user is blocked when it opens, and clears up to the last message', async () => {
  const label = 'Options for Wriggle Reef';
  render(within(client, <ConversationMenu label={label} group={group()} newest={group()} />));
  expect(requests).toEqual([]);
  expect(await open()).toEqual(['Mute', 'Mark as unread', 'Clear …', 'Block …', 'Report …']);
  choose('Clear …');
  press('Clear for me');
  await waitFor(() => expect(requests.at(-1)?.call).toBe('PUT /api/message_groups/g/cleared'));
  expect(requests.at(-1)?.body).toEqual({ created_at: group().created_at });
  expect(location.pathname).toBe('/messages/new'); // another conversation stays open
  answers['GET /api/message_groups/g'] = () => state({ blocked: true });
  expect(await open()).toContain('Unblock');
});

test('a menu whose entries arrive after the user has gone elsewhere stays closed', async () => {
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const items = vi.fn(() => arrived.then(() => [{ name: 'One', action: () => undefined }]));
  render(
    <>
      <Menu label="Options" items={items} />
      <button type="button">Elsewhere</button>
    </>,
  );
  const button = screen.getByRole('button', { name: 'Options' });
  press('Options');
  press('Options'); // while it waits
  expect(items).toHaveBeenCalledOnce();
  expect(button.getAttribute('aria-busy')).toBe('true');
  screen.getByRole('button', { name: 'Elsewhere' }).focus();
  arrive();
  await waitFor(() => expect(button.getAttribute('aria-busy')).toBeNull());
  expect(screen.queryByRole('menu')).toBeNull();
  press('Options');
  await screen.findByRole('menuitem', { name: 'One' });
});
