import { fireEvent, getByRole, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { SettingsPage } from '../../../web/src/pages/settings.tsx';
import { RequireSignIn } from '../../../web/src/parts/require-sign-in.tsx';
import { json, newClient, noContent, refusal, type SeenRequest, serve, within } from './service.tsx';
import './setup.ts';

let me: object;
let requests: SeenRequest[];
let answers: Parameters<typeof serve>[0];
beforeEach(async () => {
  me = { uuid: 'me', handle: 'ada', display_name: 'Ada North', read_receipts: true };
  answers = {
    'GET /sign-in.json': () => json({}), // without realtime
    'GET /api/me': () => json(me),
    'GET /api/blocks': () => json([]),
    'PATCH /api/me': ({ body }) => {
      me = { ...me, ...(body as object) };
      return json(me);
    },
  };
  requests = serve(answers);
  const page = (
    <RequireSignIn>
      <SettingsPage />
    </RequireSignIn>
  );
  render(within(newClient(), page));
  await screen.findByRole('heading', { name: 'Settings' });
  requests.length = 0;
});
const name = () => screen.getByRole<HTMLInputElement>('textbox', { name: 'Display name' });
const receipts = () => screen.getByRole<HTMLInputElement>('checkbox', { name: 'Read receipts' });
const save = () => userEvent.click(screen.getByRole('button', { name: 'Save name' }));

test('a new display name is saved', async () => {
  expect(name().value).toBe('Ada North');
  await userEvent.type(name(), ' II');
  await save();
  await screen.findByText(/^Your name is saved/);
  expect(requests).toMatchObject([{ call: 'PATCH /api/me', body: { display_name: 'Ada North II' } }]);
  await userEvent.type(name(), '!');
  expect(screen.queryByText(/^Your name is saved/)).toBeNull();
});

test('a name that the service refuses stays in its field, with the error', async () => {
  answers['PATCH /api/me'] = () => refusal('This name is reserved.', 'person_invalid', 422);
  await userEvent.type(name(), ' II');
  await save();
  expect((await screen.findByRole('alert')).textContent).toBe('This name is reserved.');
  expect(name().value).toBe('Ada North II');
});

test('read receipts are switched off and on, and stay as they are when the service refuses', async () => {
  expect(receipts().checked).toBe(true);
  await userEvent.click(receipts());
  await expect.poll(() => receipts().checked).toBe(false);
  await expect.poll(() => requests).toMatchObject([{ call: 'PATCH /api/me', body: { read_receipts: false } }]);
  answers['PATCH /api/me'] = () => refusal('No.', 'body_invalid', 400);
  fireEvent.click(receipts());
  expect((await screen.findByRole('alert')).textContent).toBe('No.');
  expect(receipts().checked).toBe(false);
});

const everywhere = async () => {
  answers['DELETE /session?everywhere=true'] = () => noContent();
  await userEvent.click(screen.getByRole('button', { name: 'Sign out everywhere' }));
  await expect
    .poll(() => requests.map(({ call }) => call))
    .toEqual(['DELETE /api/realtime/connections', 'DELETE /session?everywhere=true']);
};

test('signing out everywhere first ends the live connections, then all sessions', async () => {
  answers['DELETE /api/realtime/connections'] = () => noContent();
  await everywhere();
});

test('signing out everywhere ends all sessions even if the service has no live connections', async () => {
  answers['DELETE /api/realtime/connections'] = () => refusal('Not found.', 'route_unknown', 404);
  await everywhere();
});

test('the account is deleted once the handle is typed, and the session ends', async () => {
  const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Delete my account' });
  answers['DELETE /session'] = () => noContent();
  await userEvent.type(screen.getByRole('textbox', { name: /^Type your handle/ }), 'ad');
  expect(button.disabled).toBe(true);
  await userEvent.keyboard('{Enter}');
  await userEvent.type(screen.getByRole('textbox', { name: /^Type your handle/ }), 'A');
  expect(button.disabled).toBe(false);
  answers['DELETE /api/me'] = () => refusal('Too many at once.', 'throttled', 503);
  await userEvent.click(button);
  expect((await screen.findByRole('alert')).textContent).toContain('Too many at once.');
  answers['DELETE /api/me'] = () => new Response(null, { status: 202 });
  await userEvent.click(button);
  await expect
    .poll(() => requests.map(({ call }) => call))
    .toEqual(['DELETE /api/me', 'DELETE /api/me', 'DELETE /session']);
});

test('a user who can still sign in to a deleted account can finish its deletion', async () => {
  answers['GET /api/me'] = () => refusal('This account was deleted.', 'user_gone', 403);
  answers['DELETE /api/me'] = () => new Response(null, { status: 202 });
  answers['DELETE /session'] = () => noContent();
  const { container } = render(within(newClient(), <RequireSignIn>nothing</RequireSignIn>));
  const button = await waitFor(() => getByRole(container, 'button', { name: 'Finish' }));
  await userEvent.click(button);
  await expect.poll(() => requests.map(({ call }) => call)).toContain('DELETE /session');
});
