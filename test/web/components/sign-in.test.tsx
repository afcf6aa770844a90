import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { bodyOf, serve } from '../../support/recorder.ts';
import { sign } from '../../support/tokens.ts';
import './setup.ts';

// Cognito's challenges after the password. cognito-local has no second factor, so a fake Cognito asks for it.

let cognito: Awaited<ReturnType<typeof serve>>;
const requests: { target: string; body: Record<string, unknown> }[] = [];
/** Cognito's responses, in order. */
let answers: object[];
const sessions: unknown[] = [];
/** Whether the session cookie is valid. */
let isSignedIn = false;

beforeAll(async () => {
  cognito = await serve(async (request, response) => {
    requests.push({
      target: String(request.headers['x-amz-target']).split('.')[1] as string,
      body: JSON.parse((await bodyOf(request)).toString()),
    });
    const answer = answers.shift() ?? {};
    response
      .writeHead('__type' in answer ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify(answer));
  });
});
afterAll(() => cognito.stop());
beforeEach(() => {
  isSignedIn = false;
});

/** Opens a page by its path, as the first page of a visit. */
const open = async (path: '/sign-in' | '/sign-up' = '/sign-in') => {
  history.replaceState(null, '', path);
  vi.resetModules(); // no user is signed in
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      postMessage() {}
    },
  ); // other tests would act as other tabs
  const { SignInPage } = await import('../../../web/src/pages/sign-in.tsx');
  const { SignUpPage } = await import('../../../web/src/pages/sign-up.tsx');
  requests.length = 0;
  sessions.length = 0;
  vi.stubGlobal('fetch', async (path: string, init?: RequestInit) => {
    if (path === '/sign-in.json') return Response.json({ endpoint: cognito.endpoint, client_id: 'the-client' });
    const body = JSON.parse(String(init?.body));
    if (!('refresh_token' in body) && !isSignedIn) return new Response(null, { status: 401 });
    sessions.push([path, init?.method, body]);
    return Response.json({ access_token: sign({ sub: 'ada' }), expires_in: 3_600 });
  });
  render(
    <QueryClientProvider client={new QueryClient()}>
      {path === '/sign-in' ? <SignInPage /> : <SignUpPage />}
    </QueryClientProvider>,
  );
};

const withPassword = async () => {
  await open();
  await userEvent.type(await screen.findByLabelText('E-mail address'), 'ada@example.com');
  await userEvent.type(screen.getByLabelText('Password'), 'Quiet-harbour-at-9');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
};
const challenge = (ChallengeName: string, Session: string) => ({
  ChallengeName,
  Session,
  ChallengeParameters: { USER_ID_FOR_SRP: 'ada-in-the-pool' },
});

test.each([
  ['SOFTWARE_TOKEN_MFA', 'SOFTWARE_TOKEN_MFA_CODE', /authenticator app/],
  ['SMS_MFA', 'SMS_MFA_CODE', /your phone/],
  ['EMAIL_OTP', 'EMAIL_OTP_CODE', /your e-mail address/],
])(
  'a second factor (%s) can be entered again after a wrong code, and completes the sign-in',
  async (name, code, where) => {
    answers = [
      challenge(name, 'first'),
      { __type: 'CodeMismatchException', message: 'Invalid code' },
      { AuthenticationResult: { RefreshToken: 'the-refresh-token' } },
    ];
    await withPassword();
    await screen.findByText(where);
    await userEvent.type(screen.getByLabelText('Code'), '111111');
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    await screen.findByText('The code is wrong. Check it and try again.');
    expect(document.activeElement).toBe(screen.getByLabelText('Code'));
    await userEvent.clear(screen.getByLabelText('Code'));
    await userEvent.type(screen.getByLabelText('Code'), ' 222222 ');
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));

    await waitFor(() => expect(location.pathname).toBe('/messages'));
    expect(sessions).toEqual([['/session', 'POST', { refresh_token: 'the-refresh-token' }]]);
    expect(requests.map(({ target }) => target)).toEqual([
      'InitiateAuth',
      'RespondToAuthChallenge',
      'RespondToAuthChallenge',
    ]);
    expect(requests[0]?.body).toEqual({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: 'the-client',
      AuthParameters: { USERNAME: 'ada@example.com', PASSWORD: 'Quiet-harbour-at-9' },
    });
    expect(requests[2]?.body).toEqual({
      ClientId: 'the-client',
      ChallengeName: name,
      Session: 'first',
      ChallengeResponses: { USERNAME: 'ada-in-the-pool', [code]: '222222' },
    });
  },
);

test('a new password is sent exactly as typed', async () => {
  answers = [challenge('NEW_PASSWORD_REQUIRED', 's'), { AuthenticationResult: { RefreshToken: 'the-refresh-token' } }];
  await withPassword();
  await screen.findByRole('heading', { name: 'Choose a new password' });
  await userEvent.type(screen.getByLabelText('Password'), ' Quiet harbour 9! ');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  await waitFor(() => expect(sessions).toHaveLength(1));
  expect(requests[1]?.body.ChallengeResponses).toEqual({
    USERNAME: 'ada-in-the-pool',
    NEW_PASSWORD: ' Quiet harbour 9! ',
  });
});

test('the sign-in page says what the product is, and its first field has the focus', async () => {
  await open();
  await screen.findByText(/^Cruddur is a messenger/);
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('E-mail address')));
});

test.each(['/sign-in', '/sign-up'] as const)('%s leads a signed-in user to the inbox', async (path) => {
  isSignedIn = true;
  await open(path);
  expect(screen.queryByLabelText('E-mail address')).toBeNull();
  await waitFor(() => expect(location.pathname).toBe('/messages'));
});

test('an unsupported challenge is named; an expired one can be started again', async () => {
  answers = [challenge('DEVICE_SRP_AUTH', 's')];
  await withPassword();
  await screen.findByText(/DEVICE_SRP_AUTH/);
  answers = [
    challenge('SMS_MFA', 's'),
    { __type: 'NotAuthorizedException', message: 'Invalid session for the user, session is expired.' },
  ];
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  await userEvent.type(await screen.findByLabelText('Code'), '1');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  await screen.findByText(/session is expired/);
  await userEvent.click(screen.getByRole('button', { name: 'Start again' }));
  await screen.findByLabelText('E-mail address');
});
