import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { bodyOf, serve } from '../../support/recorder.ts';
import { sign } from '../../support/tokens.ts';
import './setup.ts';

// What Cognito may ask beyond a password: a second factor there is in AWS only.

let cognito: Awaited<ReturnType<typeof serve>>;
const asked: { target: string; body: Record<string, unknown> }[] = [];
/** What Cognito answers, one after the other. */
let answers: object[];
const begun: unknown[] = [];

beforeAll(async () => {
  cognito = await serve(async (request, response) => {
    asked.push({
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
beforeEach(async () => {
  history.replaceState(null, '', '/sign-in');
  vi.resetModules(); // nobody is signed in
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      postMessage() {}
    },
  ); // the other tabs are other tests
  const { SignInPage } = await import('../../../web/src/pages/sign-in.tsx');
  asked.length = 0;
  begun.length = 0;
  vi.stubGlobal('fetch', async (path: string, init?: RequestInit) => {
    if (path === '/sign-in.json') return Response.json({ endpoint: cognito.endpoint, client_id: 'the-client' });
    begun.push([path, init?.method, JSON.parse(String(init?.body))]);
    return Response.json({ access_token: sign({ sub: 'ada' }), expires_in: 3_600 });
  });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SignInPage />
    </QueryClientProvider>,
  );
});

const withPassword = async () => {
  await userEvent.type(screen.getByLabelText('E-mail address'), 'ada@example.com');
  await userEvent.type(screen.getByLabelText('Password'), 'Quiet-harbour-at-9');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
};
const question = (ChallengeName: string, Session: string) => ({
  ChallengeName,
  Session,
  ChallengeParameters: { USER_ID_FOR_SRP: 'ada-in-the-pool' },
});

test.each([
  ['SOFTWARE_TOKEN_MFA', 'SOFTWARE_TOKEN_MFA_CODE', /authenticator app/],
  ['SMS_MFA', 'SMS_MFA_CODE', /your phone/],
  ['EMAIL_OTP', 'EMAIL_OTP_CODE', /your e-mail address/],
])('a second factor (%s) is asked for, again if it was wrong, and then they are in', async (name, code, where) => {
  answers = [
    question(name, 'first'),
    { __type: 'CodeMismatchException', message: 'Invalid code' },
    { AuthenticationResult: { RefreshToken: 'the-refresh-token' } },
  ];
  await withPassword();
  await screen.findByText(where);
  await userEvent.type(screen.getByLabelText('Code'), '111111');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  await screen.findByText('The code is not right.');
  expect(document.activeElement).toBe(screen.getByLabelText('Code'));
  await userEvent.clear(screen.getByLabelText('Code'));
  await userEvent.type(screen.getByLabelText('Code'), ' 222222 ');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));

  await waitFor(() => expect(location.pathname).toBe('/messages'));
  expect(begun).toEqual([['/session', 'POST', { refresh_token: 'the-refresh-token' }]]);
  expect(asked.map(({ target }) => target)).toEqual([
    'InitiateAuth',
    'RespondToAuthChallenge',
    'RespondToAuthChallenge',
  ]);
  expect(asked[0]?.body).toEqual({
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId: 'the-client',
    AuthParameters: { USERNAME: 'ada@example.com', PASSWORD: 'Quiet-harbour-at-9' },
  });
  expect(asked[2]?.body).toEqual({
    ClientId: 'the-client',
    ChallengeName: name,
    Session: 'first',
    ChallengeResponses: { USERNAME: 'ada-in-the-pool', [code]: '222222' },
  });
});

test('a new password is taken as it was typed', async () => {
  answers = [question('NEW_PASSWORD_REQUIRED', 's'), { AuthenticationResult: { RefreshToken: 'the-refresh-token' } }];
  await withPassword();
  await screen.findByRole('heading', { name: 'Choose a new password' });
  await userEvent.type(screen.getByLabelText('Password'), ' Quiet harbour 9! ');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  await waitFor(() => expect(begun).toHaveLength(1));
  expect(asked[1]?.body.ChallengeResponses).toEqual({
    USERNAME: 'ada-in-the-pool',
    NEW_PASSWORD: ' Quiet harbour 9! ',
  });
});

test('what this page does not know it says by its name; a question that is too old can be asked again', async () => {
  answers = [question('DEVICE_SRP_AUTH', 's')];
  await withPassword();
  await screen.findByText(/DEVICE_SRP_AUTH/);
  answers = [
    question('SMS_MFA', 's'),
    { __type: 'NotAuthorizedException', message: 'Invalid session for the user, session is expired.' },
  ];
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  await userEvent.type(await screen.findByLabelText('Code'), '1');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  await screen.findByText(/session is expired/);
  await userEvent.click(screen.getByRole('button', { name: 'Start again' }));
  await screen.findByLabelText('E-mail address');
});
