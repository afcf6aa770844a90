import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import provideAuthentication from '../../../offline/token-check.cjs';

const { tokenCheck } = provideAuthentication;
const issuer = 'http://localhost:9229/local_cruddur';
const clientId = 'our-client';
const ours = keyPair();
const theirs = keyPair();
const now = () => Math.floor(Date.now() / 1000);
const claims = () => ({ iss: issuer, client_id: clientId, sub: 'subject', token_use: 'access', exp: now() + 60 });

describe('a token', () => {
  const check = tokenCheck({ issuer, clientId, fetchKeys: async () => keySet() });
  const checked = (changes: object = {}, key = ours.privateKey, header: object = {}) =>
    check(`Bearer ${token({ ...claims(), ...changes }, key, header)}`);

  test('of the issuer for our client is accepted', async () => {
    expect(await checked()).toMatchObject({ sub: 'subject' });
  });

  test('may be an id token: API Gateway accepts it too, the functions do not', async () => {
    expect(await checked({ client_id: undefined, aud: clientId, token_use: 'id' })).toMatchObject({ token_use: 'id' });
  });

  test.each([
    ['is expired', { exp: now() - 1 }],
    ['never expires', { exp: undefined }],
    ['is not valid yet', { nbf: now() + 60 }],
    ['is of another issuer', { iss: 'http://localhost:9999/local_cruddur' }],
    ['is for another client', { client_id: 'their-client' }],
    ['is for another audience, with any client', { aud: 'their-client' }],
    ['is for no client', { client_id: undefined }],
  ])('that %s is rejected', async (_, changes) => {
    await expect(checked(changes)).rejects.toThrow();
  });

  test('with another signature is rejected', async () => {
    await expect(checked({}, theirs.privateKey)).rejects.toThrow();
    await expect(checked({}, theirs.privateKey, { kid: 'theirs' })).rejects.toThrow();
    await expect(checked({}, ours.privateKey, { alg: 'none' })).rejects.toThrow();
  });

  test('with changed claims is rejected', async () => {
    const [header, , signature] = token(claims()).split('.');
    const changed = [header, encode({ ...claims(), sub: 'another subject' }), signature].join('.');
    await expect(check(`Bearer ${changed}`)).rejects.toThrow();
  });

  test.each(['', 'Bearer', 'Bearer ', 'Basic abc', 'Bearer a.b.c', 'Bearer a b'])(
    '%j is rejected',
    async (authorization) => {
      await expect(check(authorization)).rejects.toThrow();
      await expect(check(undefined)).rejects.toThrow();
    },
  );

  test('is accepted without the word Bearer, as by API Gateway', async () => {
    expect(await check(token(claims()))).toMatchObject({ sub: 'subject' });
    expect(await check(`bearer ${token(claims())}`)).toMatchObject({ sub: 'subject' });
  });
});

test('keys are fetched once, and not for every unknown key of a client', async () => {
  let fetched = 0;
  const fetchKeys = async () => {
    fetched += 1;
    return keySet();
  };
  const check = tokenCheck({ issuer, clientId, fetchKeys });
  for (let i = 0; i < 20; i += 1) {
    await check(`Bearer ${token(claims(), theirs.privateKey, { kid: `unknown-${i}` })}`).catch(() => {});
    await check(`Bearer ${token(claims())}`);
  }
  expect(fetched).toBeLessThanOrEqual(2);
});

describe('a route', () => {
  let server: Server;
  let liveIssuer: string;
  beforeAll(async () => {
    server = createServer((_, response) => response.end(Buffer.from(keySet()))).listen(0, 'localhost');
    await once(server, 'listening');
    liveIssuer = `http://localhost:${(server.address() as { port: number }).port}/pool`;
    Object.assign(process.env, { SIGN_IN_ISSUER: liveIssuer, SIGN_IN_CLIENT_ID: clientId });
  });
  afterAll(() => server.close());

  /** Sends a request through the scheme that serverless-offline gets for a route. */
  async function send(endpoint: { authorizer?: object }, headers: Record<string, string>) {
    const rawHeaders = Object.entries(headers).flat();
    const { authenticate } = provideAuthentication(endpoint, 'whoAmI', 'GET', '/api/me').getAuthenticateFunction();
    const answer = { status: 200, headers: {} as Record<string, string>, body: undefined as unknown };
    const response = {
      code: (status: number) => Object.assign(answer, { status }) && response,
      header: (name: string, value: string) => Object.assign(answer.headers, { [name]: value }) && response,
      takeover: () => answer,
    };
    const toolkit = {
      authenticated: () => answer,
      response: (body: unknown) => Object.assign(answer, { body }) && response,
    };
    await authenticate({ headers, raw: { req: { rawHeaders } } }, toolkit);
    const seen = rawHeaders.lastIndexOf('sls-offline-authorizer-override');
    return { ...answer, authorizer: seen < 0 ? undefined : JSON.parse(rawHeaders[seen + 1] as string) };
  }
  const signedIn = { authorizer: { name: 'signedIn' } };
  const good = () => `Bearer ${token({ ...claims(), iss: liveIssuer, 'cognito:groups': ['a', 'b'] })}`;

  test('with an authorizer passes on the verified claims, as strings like API Gateway', async () => {
    const { status, authorizer } = await send(signedIn, { authorization: good() });
    expect(status).toBe(200);
    expect(authorizer.jwt.claims).toMatchObject({ sub: 'subject', 'cognito:groups': '[a b]' });
    expect(authorizer.jwt.claims.exp).toMatch(/^\d+$/);
  });

  test.each<[string, () => Record<string, string>]>([
    ['no token', () => ({})],
    ['a bad token', () => ({ authorization: 'Bearer a.b.c' })],
    ['claims of the client', () => ({ authorization: good(), 'sls-offline-authorizer-override': '{}' })],
  ])('with an authorizer answers 401 to %s', async (_, headers) => {
    const { status, body, headers: answered } = await send(signedIn, headers());
    expect({ status, body }).toEqual({ status: 401, body: { message: 'Unauthorized' } });
    expect(answered['www-authenticate']).toMatch(/^Bearer/);
  });

  test('without an authorizer is open and gets no claims, even if a token or claims are sent', async () => {
    for (const headers of [{}, { authorization: good() }, { 'sls-offline-authorizer-override': '{"jwt":{}}' }]) {
      const { status, authorizer } = await send({}, headers as Record<string, string>);
      expect({ status, authorizer }).toEqual({ status: 200, authorizer: {} });
    }
  });
});

function keyPair() {
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function token(payload: object, key: KeyObject = ours.privateKey, header: object = {}): string {
  const content = `${encode({ alg: 'RS256', kid: 'ours', ...header })}.${encode(payload)}`;
  return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`;
}

function keySet(): ArrayBuffer {
  const keys = [{ ...ours.publicKey.export({ format: 'jwk' }), kid: 'ours', alg: 'RS256', use: 'sig' }];
  return new TextEncoder().encode(JSON.stringify({ keys })).buffer;
}
