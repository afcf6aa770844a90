import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { BlockedUsers } from '../../../web/src/parts/blocked-users.tsx';
import { json, newClient, noContent, refusal, serve, within } from './service.tsx';
import './setup.ts';

const user = (uuid: string) => ({ uuid, handle: `h${uuid}`, display_name: `User ${uuid}`, blocked_at: 'then' });
const shown = () => screen.queryAllByRole('listitem').map(({ textContent }) => textContent);

test('the list says that it is empty', async () => {
  serve({ 'GET /api/blocks': () => json([]) });
  render(within(newClient(), <BlockedUsers />));
  await screen.findByText(/^You have not blocked any user/);
});

test('blocked users are listed page by page, and each can be unblocked', async () => {
  const answers: Parameters<typeof serve>[0] = {
    'GET /api/blocks': () =>
      new Response(JSON.stringify([user('1')]), { headers: { link: '</api/blocks?cursor=c>; rel="next"' } }),
    'GET /api/blocks?cursor=c': () => json([user('2')]),
    'DELETE /api/blocks/1': () => refusal('Too busy.', 'message_group_busy', 409),
  };
  const requests = serve(answers);
  const client = newClient();
  const states = () => ['g', 'h'].map((each) => client.getQueryData(['message_group', each]));
  client.setQueryData(['message_group', 'g'], { user_uuid: '1', blocked: true });
  client.setQueryData(['message_group', 'h'], { user_uuid: '2', blocked: true });
  render(within(client, <BlockedUsers />));
  fireEvent.click(await screen.findByRole('button', { name: 'Show more' }));
  await waitFor(() => expect(shown()).toEqual(['User 1 @h1Unblock', 'User 2 @h2Unblock']));
  requests.length = 0;

  const unblock = () => fireEvent.click(screen.getByRole('button', { name: 'Unblock @h1' }));
  unblock();
  expect((await screen.findByRole('alert')).textContent).toBe('Too busy.');
  expect(shown()).toHaveLength(2);
  answers['DELETE /api/blocks/1'] = noContent;
  unblock();
  await waitFor(() => expect(shown()).toEqual(['User 2 @h2Unblock']));
  expect(states()).toMatchObject([{ blocked: false }, { blocked: true }]);
  expect(document.activeElement).toBe(screen.getByRole('heading', { name: 'Blocked users' }));
  expect(requests.map(({ call }) => call)).toEqual(['DELETE /api/blocks/1', 'DELETE /api/blocks/1']);
});
