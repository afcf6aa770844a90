import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { statusOf } from '../../handlers/middleware/problem.ts';
import { documented } from '../../handlers/openapi/document.ts';
import { openApiFiles } from '../../handlers/openapi/files.ts';
import { mismatches, openApi, operations, resolved, violations } from '../support/contract.ts';
import { fromSchema, type Schema } from '../support/from-schema.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

test.each(Object.entries(await openApiFiles()))('%s is up to date', (path, text) => {
  expect(read(path) === text, `${path} is stale: run npm run openapi`).toBe(true);
});

describe('the documented routes', () => {
  interface Functions {
    [name: string]: { events: { httpApi?: { method: string; path: string } }[] };
  }
  const { functions } = parse(read('serverless.yml'), { logLevel: 'silent' }) as { functions: Functions };
  const deployed = Object.entries(functions).flatMap(([name, { events }]) =>
    events.flatMap(({ httpApi }) =>
      httpApi ? [{ name, route: documented(`${httpApi.method} ${httpApi.path}`) }] : [],
    ),
  );
  /** Documented apart from the catch-all route that answers it. */
  const behindCatchAll = { 'GET /sign-in.json': 'page' };

  test('are exactly those of serverless.yml', () => {
    const expected = [...deployed.map(({ route }) => route), ...Object.keys(behindCatchAll)];
    expect([...operations.keys()].toSorted()).toEqual(expected.toSorted());
  });

  test('have operation ids that begin with the names of their functions', () => {
    const nameOf: Record<string, string> = {
      ...Object.fromEntries(deployed.map(({ name, route }) => [route, name])),
      ...behindCatchAll,
    };
    for (const [route, { operationId }] of operations) {
      const name = nameOf[route] ?? '';
      const routesOfFunction = Object.values(nameOf).filter((other) => other === name);
      if (routesOfFunction.length === 1) expect(operationId).toBe(name);
      else expect(operationId.startsWith(name), `${operationId} of ${name}`).toBe(true);
    }
  });

  test('have a 2xx response, except for unknown routes', () => {
    const without = [...operations].filter(([, { responses }]) => !Object.keys(responses).some((it) => /^2/.test(it)));
    expect(without.map(([, { operationId }]) => operationId).every((id) => id.startsWith('unknownRoute'))).toBe(true);
  });

  test('require a token under /api only', () => {
    for (const [route, { security }] of operations) {
      expect(security, route).toEqual(/ \/api(\/|$)/.test(route) ? [{ accessToken: [] }] : []);
    }
  });
});

describe('the documented responses', () => {
  const answers = [...operations].flatMap(([route, { responses }]) =>
    Object.entries(responses).map(([status, response]) => ({ route, status: Number(status), ...resolved(response) })),
  );

  test.each(Object.entries(statusOf))('list %s under status %i only', (code, status) => {
    const named = answers.filter(({ content }) => code in (examplesOf(content?.['application/problem+json']) ?? {}));
    // The one code that answers frames of a WebSocket alone.
    expect([...new Set(named.map((answer) => answer.status))]).toEqual(code === 'action_unknown' ? [] : [status]);
  });

  test('allow no undocumented properties, except for the document itself', () => {
    const open = answers.flatMap(({ route, status, content = {} }) =>
      Object.entries(content).flatMap(([type, { schema }]) =>
        schema && type === 'application/json' && isOpen(schema) ? [`${status} of ${route}`] : [],
      ),
    );
    expect(open).toEqual(['200 of GET /openapi.json']);
    expect(isOpen({ $ref: '#/components/schemas/Problem' })).toBe(false);
  });

  test('have examples that match their schemas', () => {
    let count = 0;
    for (const { route, status, content = {} } of answers) {
      for (const media of Object.values(content)) {
        const { example, schema } = media as { example?: unknown; schema?: Schema };
        const examples = [...(example ? [{ value: example }] : []), ...Object.values(examplesOf(media) ?? {})];
        for (const { value } of examples)
          expect(mismatches(schema as Schema, value), `${status} of ${route}`).toEqual([]);
        count += examples.length;
      }
    }
    expect(count).toBeGreaterThan(100);
  });
});

const examplesOf = (media: object | undefined) =>
  (media as { examples?: Record<string, { value: unknown }> } | undefined)?.examples;

/** Whether the schema allows properties that it does not name. */
function isOpen(schema: Schema): boolean {
  const { type, properties = {}, items, additionalProperties } = resolved(schema) as Schema & { properties?: object };
  if (type === 'array') return isOpen(items as Schema);
  return type === 'object' && (additionalProperties !== false || Object.values(properties).some(isOpen));
}

describe('the tests’ check of responses', () => {
  const user = {
    ...{ uuid: 'f3325485-4b52-4625-8f34-0d323abdf0b7', handle: 'reef' },
    display_name: 'Wriggle Reef',
    read_receipts: true,
  };
  const found = (
    { status = 200, headers = {}, body = user as unknown },
    route: [method: string, path: string] = ['GET', '/api/me'],
  ) =>
    violations(...route, {
      status,
      headers: new Headers({ 'content-type': 'application/json', 'cache-control': 'no-store', ...headers }),
      text: typeof body === 'string' ? body : JSON.stringify(body),
    });

  test('accepts a documented response', () => {
    expect(found({})).toEqual([]);
  });

  test.each([
    ['an undocumented property', { body: { ...user, email: 'x' } }],
    ['a missing property', { body: { ...user, handle: undefined } }],
    ['a wrong type', { body: { ...user, handle: 5 } }],
    ['an undocumented status', { status: 201 }],
    ['an undocumented content type', { headers: { 'content-type': 'text/html' } }],
    ['an undocumented header', { headers: { link: '</api/me>; rel="next"' } }],
    ['a header with a wrong value', { headers: { 'cache-control': 'public' } }],
    ['a body that is not JSON', { body: '{' }],
  ])('rejects %s', (_, answer) => {
    expect(found(answer)).toHaveLength(1);
  });

  test.each([
    ['GET', '/api/messages/x', 'message_group_unknown', 404, 0],
    ['GET', '/api/me', 'message_group_unknown', 404, 1],
    ['GET', '/api/messages/x', 'handle_unknown', 404, 1],
    ['PATCH', '/api/a/b/c', 'route_unknown', 404, 0],
    ['GET', '/api/messages/x/y', 'route_unknown', 404, 0],
    ['POST', '/api/messages', 'message_blank', 422, 0],
    ['POST', '/api/messages', 'message_blank', 400, 1],
  ])('finds in %s %s with %s and %i a violation (1) or none (0): %i', (method, path, code, status, count) => {
    const errors = [{ code, field: 'x' }];
    const body = { type: 'about:blank', title: 'x', status, detail: 'x', errors };
    const headers = { 'content-type': 'application/problem+json' };
    expect(found({ status, headers, body }, [method, path]).length > 0 ? 1 : 0).toBe(count);
  });

  test.each([400, 404, 413, 415, 422])('finds no field in a %i', (status) => {
    const [code] = Object.keys(statusOf).filter((code) => statusOf[code as keyof typeof statusOf] === status);
    const route = [...operations].find(([, { responses }]) =>
      Object.keys(examplesOf(resolved(responses[status] ?? {}).content?.['application/problem+json']) ?? {}).includes(
        code ?? '',
      ),
    );
    const [method = '', path = ''] = (route?.[0] ?? '').split(' ');
    const answer = (error: object) => ({
      status,
      headers: { 'content-type': 'application/problem+json' },
      body: { type: 'about:blank', title: 'x', status, detail: 'x', errors: [error] },
    });
    expect(found(answer({ code, field: 'x' }), [method, path])).toEqual([]);
    expect(found(answer({ code }), [method, path])).not.toEqual([]);
  });

  test('accepts a blank message beside a malformed field', () => {
    const field = 'x';
    const errors = [
      { code: 'message_blank', field },
      { code: 'message_group_uuid_invalid', field },
    ];
    const body = { type: 'about:blank', title: 'Bad Request', status: 400, detail: 'x', errors };
    const headers = { 'content-type': 'application/problem+json' };
    expect(found({ status: 400, headers, body }, ['POST', '/api/messages'])).toEqual([]);
  });

  test('accepts only a 404 for a route that does not exist', () => {
    expect(found({}, ['DELETE', '/messages'])).toEqual(['200, and there is no such route']);
    expect(found({ status: 404, body: '' }, ['DELETE', '/messages'])).toEqual([]);
  });
});

test('random values match their schema', () => {
  const schemas = [...operations.values()].flatMap(({ parameters = [], requestBody }) => [
    ...parameters.map(({ schema }) => schema),
    ...(requestBody ? [requestBody.content['application/json'].schema] : []),
  ]);
  expect(schemas.length).toBeGreaterThan(10);
  for (const schema of schemas) {
    fc.assert(
      fc.property(fromSchema(schema, resolved), (value) => {
        expect(mismatches(schema, value)).toEqual([]);
      }),
      { numRuns: 20 },
    );
  }
  expect(() => fromSchema({ type: 'string', contentEncoding: 'base64' }, resolved)).toThrow('contentEncoding');
  expect(openApi.paths).toBeDefined();
});
