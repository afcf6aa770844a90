import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emulateApiGateway } from '../../../offline/api-gateway.cjs';

// The server of serverless-offline, with what it does to routes and answers.
const { Server } = createRequire(createRequire(import.meta.url).resolve('serverless-offline'))('@hapi/hapi');
const server = new Server({ router: { stripTrailingSlash: true } });
const cors = { origin: ['https://chat.example.com'], exposedHeaders: ['Link', 'Retry-After'] };
type Headers = { headers: Record<string, string> };
type Answered = { response: Headers & { isBoom?: boolean; output: Headers } };
let received: number | undefined;

beforeAll(() => {
  server.ext('onRequest', (request: { headers: object; raw: { req: object } }, h: { continue: symbol }) => {
    Object.assign(request.raw.req, { rawHeaders: Object.entries(request.headers).flat() }); // an injected request has none
    return h.continue;
  });
  // As serverless-offline answers each request with an Origin.
  server.ext('onPreResponse', ({ response }: Answered, h: { continue: symbol }) => {
    const { headers } = response.isBoom ? response.output : response;
    headers['access-control-allow-origin'] = 'any';
    headers['access-control-allow-methods'] = 'GET';
    headers['access-control-expose-headers'] = 'Link,Retry-After';
    return h.continue;
  });
  emulateApiGateway(server);
  emulateApiGateway(server); // once for each route
  const failed = JSON.stringify({ errorMessage: '[504] - Lambda timeout.', errorType: 'Error', stackTrace: [] });
  type Route = { path: string; method: string; handler: (request: never, h: never) => unknown };
  const route = (method: string, path: string, handler: Route['handler']) =>
    server.route({ method, path, handler, options: { cors, ...(method === 'POST' && { payload: { parse: false } }) } });
  route('GET', '/', () => 'page');
  route('GET', '/api/me', () => 'me');
  route('GET', '/api/{proxy*}', (_: never, h: { response(body: string): { header(...header: string[]): unknown } }) =>
    h.response('unknown').header('x-served-by', 'unknownRoute'),
  );
  route('GET', '/fails', (request: { info: { received: number } }) => {
    if (received !== undefined) request.info.received = received;
    return failed;
  });
  route('GET', '/large', () => 'x'.repeat(10_000));
  route('GET', '/cookies', ({ state }: { state: object }) => state);
  server.route({
    method: '*',
    path: '/{p*}', // the last route of serverless-offline
    handler: (_: never, h: { response(body: object): { code(status: number): unknown } }) =>
      h.response({ error: 'Serverless-offline: route not found.', existingRoutes: [] }).code(404),
  });
  route('GET', '/throws', () => {
    throw new Error('no handler');
  });
  route('POST', '/body', ({ raw }: { raw: { req: { rawHeaders: string[] } } }) => raw.req.rawHeaders);
});
afterAll(() => server.stop());

const corsOf = (headers: object) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')));
const send = (method: string, url: string, headers = {}, payload?: Buffer) =>
  server.inject({ method, url, headers, payload });

test('a function that fails is answered with 500, or with 503 after 30 s', async () => {
  for (const path of ['/fails', '/throws']) {
    const { statusCode, result } = await send('GET', path);
    expect({ statusCode, result }, path).toEqual({ statusCode: 500, result: { message: 'Internal Server Error' } });
  }
  received = Date.now() - 30_000;
  const { statusCode, result } = await send('GET', '/fails');
  expect({ statusCode, result }).toEqual({ statusCode: 503, result: { message: 'Service Unavailable' } });
});

test('a path with a slash at its end is another path', async () => {
  expect((await send('GET', '/api/me')).payload).toBe('me');
  expect((await send('GET', '/api/me/?a=b')).payload).toBe('unknown');
  expect((await send('GET', '/')).payload).toBe('page');
});

test.each(['/api/me', '/fails', '/throws'])(
  '%s: CORS headers are sent once, and only to an allowed origin',
  async (path) => {
    expect(corsOf((await send('GET', path, { origin: cors.origin[0] })).headers)).toEqual({
      'access-control-allow-origin': cors.origin[0],
      'access-control-expose-headers': 'Link,Retry-After',
    });
    expect(corsOf((await send('GET', path, { origin: 'https://elsewhere.example' })).headers)).toEqual({});
  },
);

test('HEAD has the routes of the page, and under /api none but that of unknown paths', async () => {
  const { statusCode, payload, headers } = await send('HEAD', '/');
  expect([statusCode, payload, headers['content-length']]).toEqual([200, '', 4]);
  expect((await send('HEAD', '/api/me')).headers['x-served-by']).toBe('unknownRoute');
});

test('a body without a media type does not reach the function as JSON, nor malformed UTF-8 with its true length', async () => {
  const seen = async (headers: object, payload?: Buffer) => {
    const list: string[] = JSON.parse((await send('POST', '/body', headers, payload)).payload || '[]');
    return list.map((part) => part.toLowerCase());
  };
  expect(await seen({}, Buffer.from('{}'))).toContain('application/octet-stream');
  expect(await seen({ 'content-type': 'application/json' }, Buffer.from('{}'))).not.toContain(
    'application/octet-stream',
  );
  const declared = await seen({ 'content-type': 'application/json' }, Buffer.from('"\xf0\x9f\x98"', 'latin1'));
  expect(declared[declared.indexOf('content-length') + 1]).toBe('0');
  expect(await seen({})).not.toContain('content-type');
});

test('what no function answers has a message alone', async () => {
  const answers = [await send('PUT', '/'), await send('TRACE', '/api/me'), await send('GET', '/%zz')].map(
    ({ statusCode, result }) => ({ statusCode, result }),
  );
  const notFound = { statusCode: 404, result: { message: 'Not Found' } };
  expect(answers).toEqual([notFound, notFound, { statusCode: 400, result: { message: 'Bad Request' } }]);
  const { statusCode, result } = await send('POST', '/body', {}, Buffer.alloc(2 * 1024 * 1024));
  expect({ statusCode, result }).toEqual({ statusCode: 413, result: { message: 'Request Entity Too Large' } });
});

test('headers are for the function alone: no answer is compressed or cut, no media type and no cookie refused', async () => {
  const answer = await send('GET', '/large', { 'accept-encoding': 'gzip', range: 'bytes=0-5' });
  expect([answer.statusCode, answer.payload.length, answer.headers['content-encoding']]).toEqual([
    200,
    10_000,
    undefined,
  ]);
  for (const type of [';;;', 'application/json, text/plain', 'multipart/form-data']) {
    const seen = await send('POST', '/body', { 'content-type': type }, Buffer.from('{}'));
    expect(JSON.parse(seen.payload)).toContain(type);
  }
  const cookie = 'session=a.b-c; theme={"dark":1}; ; =x; quoted="y"; caf\u00e9=1';
  const cookies = await send('GET', '/cookies', { cookie });
  expect(cookies.result).toEqual({ session: 'a.b-c', quoted: 'y' });
});
