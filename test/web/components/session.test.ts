import { beforeEach, expect, test, vi } from 'vitest';
import { sign } from '../../support/tokens.ts';
import './setup.ts';

// The session of a page, with a fake service.

let session: typeof import('../../../web/src/api/session.ts');
/** The user of the browser's session cookie; undefined for none. */
let cookieOf: string | undefined;
const reload = vi.fn();
const tokenOf = (sub: string) => sign({ sub });

beforeEach(async () => {
  cookieOf = 'ada';
  reload.mockClear();
  vi.resetModules();
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      postMessage() {}
    },
  ); // other tests would act as other tabs
  vi.spyOn(location, 'reload').mockImplementation(reload);
  vi.stubGlobal('fetch', async () =>
    cookieOf === undefined
      ? Response.json({}, { status: 401 })
      : Response.json({ access_token: tokenOf(cookieOf), expires_in: 3_600 }),
  );
  session = await import('../../../web/src/api/session.ts');
});

test('a renewal never turns the page into another user’s: it loads the page anew', async () => {
  await session.renewAccessToken();
  expect(session.sessionUser()).toBe('ada');
  cookieOf = 'bo'; // signed in by another tab
  await expect(session.renewAccessToken()).rejects.toThrow('Sign in to continue.');
  expect(reload).toHaveBeenCalledOnce();
  expect(session.sessionUser()).toBe('ada');
  expect(await session.accessToken()).toBe(tokenOf('ada')); // what the page still sends is Ada's
});

test('a renewal for the same user goes on', async () => {
  await session.renewAccessToken();
  expect(await session.renewAccessToken()).toBe(tokenOf('ada'));
  expect(reload).not.toHaveBeenCalled();
});

test('a page without a session is signed out', async () => {
  cookieOf = undefined;
  await expect(session.accessToken()).rejects.toThrow('Sign in to continue.');
  expect(session.sessionUser()).toBe('');
});

test('an API that refuses a renewed token does not end the session', async () => {
  const renew = fetch;
  vi.stubGlobal('fetch', async (path: string) =>
    path === '/session' ? renew(path) : Response.json({ message: 'Unauthorized' }, { status: 401 }),
  );
  const { request } = await import('../../../web/src/api/request.ts');
  await expect(request('/api/me')).rejects.toMatchObject({ name: 'ApiError', status: 401 });
  expect(await session.accessToken()).toBe(tokenOf('ada'));
});
