import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { keep } from '../../../web/src/api/storage.ts';
import { hasUnstoredDraft, keepDraft } from '../../../web/src/data/drafts.ts';
import { SignOut } from '../../../web/src/parts/sign-out.tsx';
import './setup.ts';

const ended: string[] = [];
let isReachable: boolean;
const onError = vi.fn();
beforeEach(() => {
  localStorage.clear();
  ended.length = 0;
  onError.mockReset();
  isReachable = true;
  vi.stubGlobal('fetch', async (path: string, { method }: RequestInit) => {
    ended.push(`${method} ${path}`);
    if (!isReachable) throw new TypeError('no connection');
    return new Response(null, { status: 204 });
  });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SignOut onError={onError} />
    </QueryClientProvider>,
  );
});
const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));

test('signing out ends the session at once if nothing is lost', async () => {
  keepDraft('reef', ' \n');
  isReachable = false;
  await press('Sign out');
  await waitFor(() => expect(ended).toEqual(['DELETE /session']));
  await waitFor(() => expect(onError).toHaveBeenLastCalledWith(expect.objectContaining({ status: 0 })));
});

test('if drafts or unsent messages would be lost, signing out asks before the session ends', async () => {
  keep('', 'unsent:1:a', { message: 'one' });
  keep('', 'unsent:2:b', { message: 'two' });
  keepDraft('reef', 'begun');
  await press('Sign out');
  screen.getByText('Signing out deletes 2 messages that are not sent and 1 draft from this browser.');
  await press('Stay signed in');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(ended).toEqual([]);

  await press('Sign out');
  await press('Sign out and delete');
  await waitFor(() => expect(ended).toEqual(['DELETE /session']));
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('a draft that the browser did not store is asked about too, and only once', async () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  keepDraft('reef', 'begun');
  vi.restoreAllMocks();
  await press('Sign out');
  screen.getByText('Signing out deletes 1 draft from this browser.');
  await press('Sign out and delete');
  await waitFor(() => expect(hasUnstoredDraft()).toBe(false));
  expect(ended).toEqual(['DELETE /session']);
});
