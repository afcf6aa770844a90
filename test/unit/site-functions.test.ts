import { rm } from 'node:fs/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { builtClient } from '../support/built-client.ts';
import { missingSecurity } from '../support/contract.ts';
import { httpEvent, lambdaContext } from '../support/events.ts';
import { bodyOf, serve } from '../support/recorder.ts';
import { sign } from '../support/tokens.ts';

// The functions that serve browsers, called as Lambda calls them.

interface Answer {
  statusCode: number;
  headers: Record<string, string>;
  cookies?: string[];
  body?: string;
  isBase64Encoded?: boolean;
}
type Handler = (event: unknown, context: unknown) => Promise<Answer>;

const endpoint = 'https://sign-in.example.com';
let folder: string;
let cognito: Awaited<ReturnType<typeof serve>>;
/** The requests to the fake Cognito, and its next response. */
const asked: { target: string; body: Record<string, unknown> }[] = [];
let answer: () => [status: number, body: object];

beforeAll(async () => {
  folder = await builtClient();
  cognito = await serve(async (request, response) => {
    asked.push({
      target: String(request.headers['x-amz-target']).split('.')[1] as string,
      body: JSON.parse((await bodyOf(request)).toString()),
    });
    const [status, body] = answer();
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  });
});
afterAll(async () => {
  await cognito.stop();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  vi.stubEnv('COGNITO_CLIENT_ID', 'the-client');
  vi.stubEnv('COGNITO_ENDPOINT', endpoint);
  vi.stubEnv('AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER', cognito.endpoint);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  for (const level of ['log', 'info', 'error'] as const) vi.spyOn(console, level).mockReturnValue(undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.resetModules();
  asked.length = 0;
});

const load = async (name: string) => (await import(`../../handlers/site/${name}.ts`)).handler as Handler;

describe('the page', () => {
  const get = async (path: string, headers: Record<string, string> = {}, routeKey = routeOf(path)) => {
    const handler = await load('page');
    const event = httpEvent({ method: 'GET', path }, 'no caller', { headers });
    return handler({ ...event, routeKey }, lambdaContext('page'));
  };
  const routeOf = (path: string) => {
    if (path === '/') return 'GET /';
    return /^\/assets\/[^/]+$/.test(path) ? 'GET /assets/{file}' : 'GET /{proxy+}';
  };
  const textOf = ({ body = '', isBase64Encoded }: Answer) =>
    Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8').toString();

  test.each(['/', '/messages', '/messages/new/reef', '/index.html', '/apiary'])(
    '%s is answered with the page, which browsers ask for each time',
    async (path) => {
      const response = await get(path);
      expect(response.statusCode).toBe(200);
      expect(textOf(response)).toContain('The page');
      expect(response.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
      });
    },
  );

  const script = '/assets/index-1a2b3c4d.js';

  test('a file with a hash in its name is cached for ever, another one for an hour', async () => {
    expect((await get(script)).headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    for (const path of ['/assets/licenses.md', '/favicon.svg'])
      expect((await get(path)).headers['cache-control'], path).toBe('public, max-age=3600');
  });

  test.each([
    ['gzip, deflate, br, zstd', 'br'], // Chromium and Firefox over HTTPS
    ['gzip, deflate', 'gzip'], // and over HTTP
    ['GZIP', 'gzip'],
    ['*', 'br'],
    ['br;q=0.5, gzip;q=0.8', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0, *', 'gzip'],
    ['identity;q=1, *;q=0', undefined],
    ['identity', undefined],
    ['deflate, zstd', undefined],
    ['', undefined],
    [undefined, undefined],
    [';;;,,', undefined],
    ['*;q=0', undefined], // accepts nothing: RFC 9110 lets it have the file as it is
  ])('Accept-Encoding "%s" is answered with the encoding %s', async (accepted, encoding) => {
    const response = await get(script, accepted === undefined ? {} : { 'accept-encoding': accepted });
    expect(response).toMatchObject({ statusCode: 200, isBase64Encoded: true, headers: { vary: 'accept-encoding' } });
    expect(response.headers['content-encoding']).toBe(encoding);
    const body = Buffer.from(response.body as string, 'base64');
    const decode = { br: brotliDecompressSync, gzip: gunzipSync }[String(encoding)] ?? ((content: Buffer) => content);
    expect(decode(body).toString()).toBe('console.log("the script")');
  });

  test('a file that the build has not compressed is sent as it is', async () => {
    const response = await get('/favicon.svg', { 'accept-encoding': 'br, gzip' });
    expect(response.headers).toMatchObject({ vary: 'accept-encoding' });
    expect(response.headers['content-encoding']).toBeUndefined();
    expect(textOf(response)).toContain('<svg');
  });

  test.each(['/', script, '/favicon.svg'])('%s is not sent again to a client that has it', async (path) => {
    const { headers } = await get(path, { 'accept-encoding': 'br' });
    const tag = headers.etag as string;
    for (const known of [tag, `"another", ${tag}`, tag.replace('W/', ''), '*']) {
      const again = await get(path, { 'if-none-match': known });
      expect(again.statusCode, known).toBe(304);
      expect(again.body ?? '').toBe('');
      const { 'content-type': _, 'content-encoding': __, ...others } = headers; // those of a body
      expect(again.headers).toEqual(others);
    }
    for (const other of [{ 'if-none-match': '"another"' }, { 'if-none-match': tag, 'cache-control': 'no-cache' }, {}])
      expect((await get(path, other as Record<string, string>)).statusCode).toBe(200);
  });

  test('has another tag when only its security headers have changed, and other files have tags of their own', async () => {
    const tagOf = async (path: string) => (await get(path)).headers.etag;
    const before = await tagOf('/');
    expect(await tagOf('/messages')).toBe(before);
    expect(await tagOf(script)).not.toBe(await tagOf('/favicon.svg'));
    vi.resetModules();
    vi.stubEnv('REALTIME_URL', 'wss://realtime.example.com');
    expect(await tagOf('/')).not.toBe(before);
  });

  test('a file of /assets is served by its own route only, which has a lower rate limit', async () => {
    expect((await get(script, {}, 'GET /{proxy+}')).statusCode).toBe(404);
    expect((await get('/favicon.svg', {}, 'GET /assets/{file}')).statusCode).toBe(404);
    expect((await get(script, {}, 'HEAD /assets/{file}')).statusCode).toBe(200);
  });

  test('a missing file is a 404, whichever version the client has', async () => {
    expect((await get('/assets/index-00000000.js', { 'if-none-match': '*' })).statusCode).toBe(404);
  });

  test.each([
    '/assets/index-00000000.js', // of an earlier build: a browser would run the page as a script
    '/assets/nothing',
    '/foo.php',
    '/.env',
    '/%2Eenv',
    '/.git/config',
    '/a/b.js',
    '/secret.txt',
    '/../secret.txt',
    '/.sources', // of the build, beside the client's files
    '/assets/index-1a2b3c4d.js.br', // a compressed copy is no file of its own
    '/assets/index-1a2b3c4d.js.gz',
    '/.well-known/security.txt', // without a contact
  ])('%s is a 404, not the page', async (path) => {
    const response = await get(path);
    expect(response).toMatchObject({ statusCode: 404, headers: { 'cache-control': 'no-store' } });
    expect(response.headers['content-type']).toMatch(/^text\/plain/);
  });

  test('security.txt has the contact of the deployment, and expires in the future', async () => {
    vi.stubEnv('SECURITY_CONTACT', 'mailto:security@example.com');
    const response = await get('/.well-known/security.txt');
    expect(response).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/plain; charset=utf-8' } });
    const [, expires = ''] = /^Contact: mailto:security@example\.com\nExpires: (\S+)\n$/.exec(textOf(response)) ?? [];
    const days = (Date.parse(expires) - Date.now()) / (24 * 60 * 60 * 1000);
    expect(days).toBeGreaterThan(1);
    expect(days).toBeLessThan(365);
  });

  test.each(['/api', '/api/', '/api/nothing'])('%s is never answered with the page', async (path) => {
    const response = await get(path);
    expect(response).toMatchObject({ statusCode: 401, headers: { 'content-type': 'application/problem+json' } });
  });

  test('tells the client where to sign in', async () => {
    expect(JSON.parse(textOf(await get('/sign-in.json')))).toEqual({ endpoint, client_id: 'the-client' });
  });

  test('may run only its own scripts, call only this origin and Cognito, and not be framed', async () => {
    const { headers } = await get('/');
    const policy = Object.fromEntries(
      (headers['Content-Security-Policy'] ?? '').split('; ').map((part) => {
        const [directive, ...sources] = part.split(' ');
        return [directive, sources.join(' ')];
      }),
    );
    expect(policy).toEqual({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self' data:",
      'connect-src': `'self' ${endpoint}`,
      'base-uri': "'none'",
      'form-action': "'self'",
      'frame-ancestors': "'none'",
      'require-trusted-types-for': "'script'",
      'trusted-types': "'none'",
    });
    expect(headers).toMatchObject({
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
    });
  });

  test.each(['/', '/assets/index-1a2b3c4d.js', '/assets/index-00000000.js', '/sign-in.json', '/api/nothing'])(
    '%s has the security headers of every answer',
    async (path) => {
      expect(missingSecurity(new Headers((await get(path)).headers))).toEqual([]);
    },
  );

  test('a missing build makes the function fail at its start, naming the folder', async () => {
    vi.spyOn(process, 'cwd').mockReturnValue('/nowhere');
    await expect(load('page')).rejects.toThrow('/nowhere/web/dist');
  });
});

describe('the OpenAPI document', () => {
  const get = async (headers: Record<string, string> = {}) => {
    const handler = await load('open-api');
    return handler(
      httpEvent({ method: 'GET', path: '/openapi.json' }, 'no caller', { headers }),
      lambdaContext('openApi'),
    );
  };

  test('is JSON, which a client may keep for an hour', async () => {
    const { statusCode, headers, body = '' } = await get();
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'public, max-age=3600' });
    expect(JSON.parse(Buffer.from(body, 'base64').toString())).toHaveProperty('openapi', '3.1.1');
  });

  test('is compressed for a client that takes gzip', async () => {
    const { headers, body = '' } = await get({ 'accept-encoding': 'gzip' });
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
    const again = await get({ 'if-none-match': headers.etag as string });
    expect([again.statusCode, again.body]).toEqual([304, undefined]);
    expect(JSON.parse(gunzipSync(Buffer.from(body, 'base64')).toString())).toHaveProperty('openapi', '3.1.1');
  });
});

describe('a session', () => {
  const renewed = sign({ exp: Math.floor(Date.now() / 1000) + 3_600 });
  const attributes = '; Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Strict';
  const noCookie = '__Host-session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict';
  const call = async (
    name: string,
    method: string,
    body: object | undefined,
    cookies: string[] = [],
    queryStringParameters = {},
  ) => {
    const handler = await load(name);
    const event = httpEvent({ method, path: '/session' }, 'no caller', body ? { body } : {});
    return handler({ ...event, cookies, queryStringParameters }, lambdaContext(name));
  };
  const renew = (body: object, cookies?: string[]) => call('renew-session', 'POST', body, cookies);
  const end = (cookies?: string[], query?: object) => call('end-session', 'DELETE', undefined, cookies, query);
  const refresh = (token: string) => ({
    target: 'GetTokensFromRefreshToken',
    body: { ClientId: 'the-client', RefreshToken: token },
  });
  beforeEach(() => {
    answer = () => [200, { AuthenticationResult: { AccessToken: renewed, RefreshToken: 'the-next' } }];
  });

  test('begins with a refresh token, in exchange for which another goes into an HttpOnly cookie', async () => {
    const response = await renew({ refresh_token: 'brought' });
    expect(response).toMatchObject({ statusCode: 200, cookies: [`__Host-session=the-next${attributes}`] });
    expect(response.headers['cache-control']).toBe('no-store');
    const { access_token, expires_in, ...rest } = JSON.parse(response.body as string);
    expect(access_token).toBe(renewed);
    expect(expires_in).toBeGreaterThan(3_500);
    expect(rest).toEqual({});
    expect(asked).toEqual([refresh('brought')]);
  });

  test('continues with the cookie, which then holds the next refresh token', async () => {
    const response = await renew({}, ['other=1', '__Host-session=kept', 'x__Host-session=2']);
    expect(response).toMatchObject({ statusCode: 200, cookies: [`__Host-session=the-next${attributes}`] });
    expect(asked).toEqual([refresh('kept')]);
  });

  test('keeps its refresh token while the pool rotates none', async () => {
    answer = () => [200, { AuthenticationResult: { AccessToken: renewed } }];
    const response = await renew({}, ['__Host-session=kept']);
    expect(response).toMatchObject({ statusCode: 200, cookies: [`__Host-session=kept${attributes}`] });
  });

  test.each([
    ['there is no cookie', {}, []],
    ['the refresh token is malformed', { refresh_token: 'a; Domain=example.com' }, []],
    ['the refresh token is too long for a cookie', { refresh_token: 'a'.repeat(3801) }, []],
    ['the refresh token is no string', { refresh_token: 5 }, ['__Host-session=kept']],
  ])('is refused when %s, without a call to Cognito', async (_why, body, cookies) => {
    const response = await renew(body, cookies);
    expect(response).toMatchObject({ statusCode: 401, cookies: [noCookie] });
    expect(JSON.parse(response.body as string).errors).toEqual([{ code: 'session_over' }]);
    expect(asked).toEqual([]);
  });

  test.each(['NotAuthorizedException', 'RefreshTokenReuseException'])(
    'ends when Cognito rejects the refresh token (%s)',
    async (type) => {
      answer = () => [400, { __type: type, message: 'Refresh Token has been revoked' }];
      expect(await renew({}, ['__Host-session=kept'])).toMatchObject({ statusCode: 401, cookies: [noCookie] });
    },
  );

  test('does not end while Cognito is throttled', async () => {
    answer = () => [400, { __type: 'TooManyRequestsException' }];
    const response = await renew({}, ['__Host-session=kept']);
    expect(response.statusCode).toBe(500);
    expect(response.cookies).toBeUndefined();
  });

  test('begins only with JSON: a form of another site cannot send that', async () => {
    const handler = await load('renew-session');
    const event = httpEvent({ method: 'POST', path: '/session' }, 'no caller', {
      body: { refresh_token: 'planted' },
      headers: { 'content-type': 'text/plain' },
    });
    expect(await handler(event, lambdaContext('renewSession'))).toMatchObject({ statusCode: 415 });
    expect(asked).toEqual([]);
  });

  test.each([undefined, '', null])(
    'does not begin without a body (%j): a form of another site can send that',
    async (body) => {
      const handler = await load('renew-session');
      const event = httpEvent({ method: 'POST', path: '/session' }, 'no caller');
      const cookies = ['__Host-session=kept'];
      expect(await handler({ ...event, body, cookies }, lambdaContext('renewSession'))).toMatchObject({
        statusCode: 400,
      });
      expect(asked).toEqual([]);
    },
  );

  test('ends in Cognito and in the browser', async () => {
    answer = () => [200, {}];
    expect(await end(['__Host-session=kept'])).toMatchObject({ statusCode: 204, cookies: [noCookie] });
    expect(asked).toEqual([{ target: 'RevokeToken', body: { ClientId: 'the-client', Token: 'kept' } }]);
  });

  test.each(['NotAuthorizedException', 'UnsupportedTokenTypeException', 'InvalidParameterException'])(
    'ends in the browser even when Cognito has nothing to revoke (%s)',
    async (type) => {
      answer = () => [400, { __type: type }];
      expect(await end(['__Host-session=kept'])).toMatchObject({ statusCode: 204, cookies: [noCookie] });
    },
  );

  test('signing out without a session succeeds', async () => {
    expect(await end()).toMatchObject({ statusCode: 204, cookies: [noCookie] });
    expect(asked).toEqual([]);
  });

  test('has answers with the security headers, errors included', async () => {
    const ended = await end();
    const refused = await renew({});
    answer = () => [500, { __type: 'InternalErrorException' }];
    const failed = await renew({}, ['__Host-session=kept']);
    expect([ended, refused, failed].map(({ statusCode }) => statusCode)).toEqual([204, 401, 500]);
    for (const { headers } of [ended, refused, failed]) expect(missingSecurity(new Headers(headers))).toEqual([]);
  });

  test('ends everywhere: the pool revokes all tokens of the user of the cookie', async () => {
    const response = await end(['__Host-session=kept'], { everywhere: 'true' });
    expect(response).toMatchObject({ statusCode: 204, cookies: [noCookie] });
    expect(asked).toEqual([refresh('kept'), { target: 'GlobalSignOut', body: { AccessToken: renewed } }]);
  });

  test('cannot end everywhere once it has ended here: the cookie no longer tells who the user is', async () => {
    const over = { statusCode: 401, cookies: [noCookie] };
    expect(await end([], { everywhere: 'true' })).toMatchObject(over);
    answer = () => [400, { __type: 'NotAuthorizedException' }];
    expect(await end(['__Host-session=kept'], { everywhere: 'true' })).toMatchObject(over);
    expect(asked).toEqual([refresh('kept')]);
  });

  test.each(['', 'false', 'yes', 'TRUE'])('does not end with everywhere=%s', async (everywhere) => {
    const response = await end(['__Host-session=kept'], { everywhere });
    expect(response.statusCode).toBe(400);
    expect(JSON.parse(response.body as string).errors).toEqual([{ code: 'everywhere_invalid', field: 'everywhere' }]);
    expect(asked).toEqual([]);
  });

  test('no token is written to a log', async () => {
    const lines: unknown[] = [];
    for (const level of ['log', 'info', 'error'] as const)
      vi.spyOn(console, level).mockImplementation((line) => lines.push(line));
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(line) > 0);
    await renew({ refresh_token: 'a-very-secret-token' });
    answer = () => [500, { __type: 'InternalErrorException' }];
    await renew({}, ['__Host-session=a-very-secret-token']);
    expect(lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(lines)).not.toMatch(new RegExp(`a-very-secret-token|${renewed}`));
  });
});
