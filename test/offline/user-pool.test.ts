import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { LocalSettings } from '../../offline/settings.ts';
import { confirmationCode, type DeclaredPool, signInListens, startSignIn } from '../../offline/supervisor/sign-in.ts';
import { seedPassword, seedUsers } from '../../seeds/users.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/stack.ts';
import { badTokens, claimsOf, sign } from '../support/tokens.ts';

// The local user pool, alone: it answers as Cognito does. docs/architecture.md names what differs.

const clientId = 'the-client';
const poolId = 'local_pool';
const graceSeconds = 1;
const password = 'Quiet-harbour-at-9';
const folder = mkdtempSync(join(tmpdir(), 'user-pool-'));
const template = readFileSync(resolve(import.meta.dirname, '../../resources/sign-in.yml'), 'utf8');
const { Resources } = parse(template, { logLevel: 'silent' }) as { Resources: DeclaredPool };
const { RefreshTokenRotation } = Resources.WebClient.Properties as unknown as { RefreshTokenRotation: object };
const rotation = { RefreshTokenRotation: { ...RefreshTokenRotation, RetryGracePeriodSeconds: graceSeconds } };
const WebClient = { Properties: { ...Resources.WebClient.Properties, ...rotation } };

// biome-ignore lint/suspicious/noExplicitAny: an answer, looked at by the test
type Json = any;

/** The events that the pool's triggers got. */
const triggered: Json[] = [];
const lambda = createServer(async (request, response) => {
  const body = (await request.toArray()).join('');
  triggered.push(JSON.parse(body));
  response.end(body);
});
let pool: ChildProcess;
let url: string;

beforeAll(async () => {
  await once(lambda.listen(0, 'localhost'), 'listening');
  const cognito = await freePort();
  url = `http://localhost:${cognito}`;
  const settings: LocalSettings = {
    tableName: 'unused',
    region: 'us-east-1',
    ports: { http: 0, websocket: 0, dynamodb: 0, lambda: (lambda.address() as AddressInfo).port, cognito },
    signIn: { issuer: `${url}/${poolId}`, clientId },
    triggers: { PreSignUp: 'check', PostConfirmation: 'complete' },
    workFolder: folder,
    stateFolder: folder,
    onDisk: false,
  };
  pool = await startSignIn(settings, { ...Resources, WebClient }, 'inherit');
  await signInListens(pool, settings);
});
afterAll(async () => {
  const ended = once(pool, 'exit');
  pool.kill();
  await ended;
  lambda.close();
  rmSync(folder, { recursive: true });
});

/** Calls an operation. @returns the answer, or the error's name as `error` */
async function call(operation: string, body: Json): Promise<Json> {
  const headers = {
    'X-Amz-Target': `AWSCognitoIdentityProviderService.${operation}`,
    'Content-Type': 'application/x-amz-json-1.1',
  };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer: Json = await response.json();
  return response.ok ? answer : { error: answer.__type, message: answer.message };
}

let count = 0;
const newAddress = () => `User.${++count}@Example.com`;
const signUp = (email: string, more: object = {}) =>
  call('SignUp', {
    ClientId: clientId,
    Username: email,
    Password: password,
    UserAttributes: [{ Name: 'email', Value: email }],
    ...more,
  });
const confirm = (email: string) =>
  call('ConfirmSignUp', { ClientId: clientId, Username: email, ConfirmationCode: confirmationCode });
const signIn = (email: string, secret = password) =>
  call('InitiateAuth', {
    ClientId: clientId,
    AuthFlow: 'USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME: email, PASSWORD: secret },
  });
const renew = (RefreshToken: string) => call('GetTokensFromRefreshToken', { ClientId: clientId, RefreshToken });
const attributesOf = async (Username: string) => {
  const { UserAttributes } = await call('AdminGetUser', { UserPoolId: poolId, Username });
  return Object.fromEntries(UserAttributes.map(({ Name, Value }: Json) => [Name, Value]));
};
async function newUser() {
  const email = newAddress();
  await signUp(email);
  await confirm(email);
  const { AuthenticationResult } = await signIn(email);
  return {
    email,
    access: AuthenticationResult.AccessToken as string,
    refresh: AuthenticationResult.RefreshToken as string,
  };
}

describe('a new password', () => {
  let user: Awaited<ReturnType<typeof newUser>>;
  beforeAll(async () => {
    user = await newUser();
  });
  test.each([
    ['is empty', '', 'InvalidParameterException'],
    ['begins with a space', ` ${password}`, 'InvalidParameterException'],
    ['has 257 characters', `${password}${'a'.repeat(257 - password.length)}`, 'InvalidParameterException'],
    ['has 11 characters', 'Quiet-har-9', 'InvalidPasswordException'],
    ['has no upper-case letter', 'quiet-harbour-at-9', 'InvalidPasswordException'],
    ['has no lower-case letter', 'QUIET-HARBOUR-AT-9', 'InvalidPasswordException'],
    ['has no digit', 'Quiet-harbour-at-x', 'InvalidPasswordException'],
    ['has no symbol', 'QuietHarbourAt9x', 'InvalidPasswordException'],
  ])('that %s is refused wherever one is set', async (_what, weak, error) => {
    const email = newAddress();
    expect(await signUp(email, { Password: weak })).toMatchObject({ error });
    const create = { UserPoolId: poolId, Username: email, TemporaryPassword: weak };
    expect(await call('AdminCreateUser', create)).toMatchObject({ error });
    expect(await call('AdminGetUser', create)).toMatchObject({ error: 'UserNotFoundException' });

    const change = { AccessToken: user.access, PreviousPassword: password, ProposedPassword: weak };
    expect(await call('ChangePassword', change)).toMatchObject({ error });
    const reset = { ClientId: clientId, Username: user.email, ConfirmationCode: confirmationCode, Password: weak };
    expect(await call('ConfirmForgotPassword', reset)).toMatchObject({ error });
    const set = { UserPoolId: poolId, Username: user.email, Password: weak, Permanent: true };
    expect(await call('AdminSetUserPassword', set)).toMatchObject({ error });
    expect(await signIn(user.email)).toHaveProperty('AuthenticationResult'); // the old one is still right
  });

  test('in place of a temporary one is held to the same, and begins a session', async () => {
    const email = newAddress();
    await call('AdminCreateUser', {
      UserPoolId: poolId,
      Username: email,
      TemporaryPassword: password,
      MessageAction: 'SUPPRESS',
    });
    expect(await signIn(email, 'Not-the-password-1')).toMatchObject({ error: 'NotAuthorizedException' });
    const { ChallengeName, Session } = await signIn(email);
    const answer = (NEW_PASSWORD: string) =>
      call('RespondToAuthChallenge', {
        ClientId: clientId,
        ChallengeName,
        Session,
        ChallengeResponses: { USERNAME: email, NEW_PASSWORD },
      });
    expect(await answer('short')).toMatchObject({ error: 'InvalidPasswordException' });
    const { AuthenticationResult } = await answer('Another-harbour-9');
    expect(await renew(AuthenticationResult.RefreshToken)).toHaveProperty('AuthenticationResult');
  });
});

describe('sign-in', () => {
  test('gives one answer for a wrong password, an empty one and an unknown address', async () => {
    const refusal = { error: 'NotAuthorizedException', message: 'Incorrect username or password.' };
    const { email, access } = await newUser();
    expect(await signIn(email, 'Not-the-password-1')).toEqual(refusal);
    expect(await signIn(email, '')).toEqual(refusal);
    expect(await signIn(newAddress())).toEqual(refusal);
    const change = { AccessToken: access, PreviousPassword: 'Not-the-password-1', ProposedPassword: password };
    expect(await call('ChangePassword', change)).toEqual(refusal);
  });

  test('is refused to a disabled user, who cannot renew a session either', async () => {
    const { email, refresh } = await newUser();
    await call('AdminDisableUser', { UserPoolId: poolId, Username: email });
    expect(await signIn(email)).toMatchObject({ error: 'NotAuthorizedException' });
    expect(await renew(refresh)).toMatchObject({ error: 'NotAuthorizedException' });
  });

  test('works only by the flows of the client', async () => {
    const [{ email }] = seedUsers as [(typeof seedUsers)[0]];
    const AuthParameters = { USERNAME: email, PASSWORD: seedPassword };
    const { refresh } = await newUser();
    for (const request of [
      { AuthFlow: 'CUSTOM_AUTH', AuthParameters },
      { AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters: { REFRESH_TOKEN: refresh } }, // rotation excludes it
    ])
      expect(await call('InitiateAuth', { ClientId: clientId, ...request })).toMatchObject({
        error: 'InvalidParameterException',
      });
  });
});

describe('an e-mail address', () => {
  test('names the same user in any case, and is stored as it was entered', async () => {
    const { email } = await newUser();
    expect(await signUp(email.toUpperCase())).toMatchObject({ error: 'UsernameExistsException' });
    expect(await signIn(email.toLowerCase())).toHaveProperty('AuthenticationResult');
    expect(await attributesOf(email.toUpperCase())).toMatchObject({ email });
    const create = { UserPoolId: poolId, Username: email.toLowerCase(), TemporaryPassword: password };
    expect(await call('AdminCreateUser', create)).toMatchObject({ error: 'UsernameExistsException' });
  });

  test('is verified by the confirmation of the sign-up, and only by that', async () => {
    const email = newAddress();
    await signUp(email);
    const wrong = { ClientId: clientId, Username: email, ConfirmationCode: '000000' };
    expect(await call('ConfirmSignUp', wrong)).toMatchObject({ error: 'CodeMismatchException' });
    expect(await attributesOf(email)).not.toHaveProperty('email_verified');
    expect(await confirm(email)).toEqual({});
    expect(await attributesOf(email)).toMatchObject({ email_verified: 'true' });
    expect(triggered.at(-1)).toMatchObject({
      triggerSource: 'PostConfirmation_ConfirmSignUp',
      request: { userAttributes: { email, email_verified: 'true' } },
    });
    expect(await confirm(email)).toMatchObject({ error: 'NotAuthorizedException' });
  });

  test.each(['email_verified', 'sub'])('a user cannot set %s', async (Name) => {
    const email = newAddress();
    const UserAttributes = [
      { Name: 'email', Value: email },
      { Name, Value: 'true' },
    ];
    expect(await signUp(email, { UserAttributes })).toMatchObject({ error: 'NotAuthorizedException' });
    const { access: AccessToken } = await newUser();
    expect(await call('UpdateUserAttributes', { AccessToken, UserAttributes })).toMatchObject({
      error: 'NotAuthorizedException',
    });
  });

  test('that a user changes takes effect when it is verified', async () => {
    const { email, access: AccessToken } = await newUser();
    const changed = newAddress();
    await call('UpdateUserAttributes', { AccessToken, UserAttributes: [{ Name: 'email', Value: changed }] });
    expect(await attributesOf(email)).toMatchObject({ email, email_verified: 'true' });
    await call('VerifyUserAttribute', { AccessToken, AttributeName: 'email', Code: confirmationCode });
    expect(await attributesOf(changed)).toMatchObject({ email: changed, email_verified: 'true' });
  });
});

describe('a code', () => {
  test('is sent again until the sign-up is confirmed; an unknown address gets the same answer', async () => {
    const email = newAddress();
    await signUp(email);
    const resend = (Username: string) => call('ResendConfirmationCode', { ClientId: clientId, Username });
    const details = { AttributeName: 'email', DeliveryMedium: 'EMAIL' };
    expect(await resend(email)).toMatchObject({ CodeDeliveryDetails: details });
    expect(await resend(newAddress())).toMatchObject({ CodeDeliveryDetails: details });
    await confirm(email);
    expect(await resend(email)).toMatchObject({ error: 'InvalidParameterException' });
  });

  test('for a new password goes to verified addresses only; others get the same answer', async () => {
    const email = newAddress();
    await signUp(email);
    for (const Username of [email, newAddress()])
      expect(await call('ForgotPassword', { ClientId: clientId, Username })).toHaveProperty('CodeDeliveryDetails');
    const before = triggered.length;
    await confirm(email);
    expect(triggered).toHaveLength(before + 1);
  });
});

describe('a refresh token', () => {
  test('is exchanged for a new one, which ends when the old one would have', async () => {
    const { refresh } = await newUser();
    const { AuthenticationResult } = await renew(refresh);
    expect(AuthenticationResult).toMatchObject({ TokenType: 'Bearer', ExpiresIn: 3_600 });
    const fresh = AuthenticationResult.RefreshToken;
    expect(fresh).not.toBe(refresh);
    expect(Math.abs(Number(claimsOf(fresh).exp) - Number(claimsOf(refresh).exp))).toBeLessThanOrEqual(1);
    expect(claimsOf(AuthenticationResult.AccessToken)).toMatchObject({ token_use: 'access', client_id: clientId });
  });

  test('that was exchanged is accepted for the grace period, by several at once, and never after it', async () => {
    const { refresh } = await newUser();
    const answers = await Promise.all([renew(refresh), renew(refresh), renew(refresh)]);
    const fresh = answers.map(({ AuthenticationResult }) => AuthenticationResult.RefreshToken);
    expect(new Set(fresh).size).toBe(3);
    await until(async () => (await renew(refresh)).error === 'RefreshTokenReuseException', 5_000);
    for (const token of fresh) expect(await renew(token)).toHaveProperty('AuthenticationResult');
    expect(await renew(refresh)).toMatchObject({ error: 'RefreshTokenReuseException' });
  });

  test('is revoked together with the others of its session, those in their grace period included', async () => {
    const { email, refresh } = await newUser();
    const second = (await renew(refresh)).AuthenticationResult.RefreshToken;
    const third = (await renew(second)).AuthenticationResult.RefreshToken;
    const elsewhere = (await signIn(email)).AuthenticationResult.RefreshToken;
    expect(await call('RevokeToken', { ClientId: clientId, Token: third })).toEqual({});
    for (const token of [refresh, second, third])
      expect((await renew(token)).error).toMatch(/^(NotAuthorized|RefreshTokenReuse)Exception$/);
    expect(await renew(elsewhere)).toHaveProperty('AuthenticationResult');
  });

  test.each(['nonsense', ''])('%j is refused', async (token) => {
    expect(await renew(token)).toMatchObject({ error: 'NotAuthorizedException' });
  });
});

describe('sign-out everywhere', () => {
  const signedOut = { error: 'NotAuthorizedException' };
  test.each([
    ['GlobalSignOut', ({ access }: { access: string }) => ({ AccessToken: access })],
    ['AdminUserGlobalSignOut', ({ email }: { email: string }) => ({ UserPoolId: poolId, Username: email })],
  ])('%s ends every session of the user and no other', async (operation, request) => {
    const [user, other] = await Promise.all([newUser(), newUser()]);
    const second = (await signIn(user.email)).AuthenticationResult.RefreshToken;
    const rotated = (await renew(user.refresh)).AuthenticationResult.RefreshToken;
    expect(await call(operation, request(user))).toEqual({});
    for (const token of [user.refresh, rotated, second]) expect(await renew(token)).toMatchObject(signedOut);
    expect(await renew(other.refresh)).toHaveProperty('AuthenticationResult');

    const earlier = sign({ ...claimsOf(user.access), iat: Number(claimsOf(user.access).iat) - 10 });
    expect(await call('GetUser', { AccessToken: earlier })).toMatchObject(signedOut);
    const { AuthenticationResult } = await signIn(user.email);
    expect(await call('GetUser', { AccessToken: AuthenticationResult.AccessToken })).toHaveProperty('UserAttributes');
  });
});

test('an access token is verified by every operation that it authorizes', async () => {
  const { access, refresh } = await newUser();
  const { 'for another client': _, 'of another pool': __, ...bad } = badTokens(access); // there is one client and one pool
  Object.assign(bad, { 'an id token': sign({ ...claimsOf(access), token_use: 'id' }), 'a refresh token': refresh });
  for (const [what, AccessToken] of Object.entries(bad))
    for (const operation of ['GetUser', 'ChangePassword', 'GlobalSignOut', 'UpdateUserAttributes'])
      expect(await call(operation, { AccessToken, UserAttributes: [] }), `${operation}: ${what}`).toMatchObject({
        error: 'NotAuthorizedException',
      });
});
