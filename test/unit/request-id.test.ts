import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { http } from '../../handlers/middleware/http.ts';
import { logger } from '../../handlers/middleware/telemetry.ts';
import { builtClient } from '../support/built-client.ts';
import { httpEvent, lambdaContext } from '../support/events.ts';

// Log lines of one request can be joined: by the id that API Gateway gave it.

interface Functions {
  [name: string]: { handler: string; events: { httpApi?: { method: string; path: string } }[] };
}
const root = join(import.meta.dirname, '../..');
const { functions } = parse(readFileSync(join(root, 'serverless.yml'), 'utf8'), { logLevel: 'silent' }) as {
  functions: Functions;
};
const routes = Object.entries(functions).flatMap(([name, { handler, events }]) =>
  events.flatMap(({ httpApi }) => (httpApi ? [{ name, file: handler.replace(/\.handler$/, '.ts'), ...httpApi }] : [])),
);

let folder: string;
const lines: Record<string, unknown>[] = [];

beforeAll(async () => {
  folder = await builtClient();
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  vi.stubEnv('TABLE_NAME', 'none');
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('CONNECTIONS_ENDPOINT', 'https://sockets.example.com/prod');
  vi.stubEnv('COGNITO_CLIENT_ID', 'the-client');
  vi.stubEnv('COGNITO_ENDPOINT', 'https://sign-in.example.com');
  vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'test');
  vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'test');
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
  const take = (text: unknown) => lines.push(JSON.parse(String(text))) > 0;
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockImplementation(take);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  lines.length = 0;
});

test.each(routes)('$method $path: every line names the request', async ({ name, file, method, path }) => {
  const { handler } = await import(/* @vite-ignore */ join(root, file));
  for (let request = 0; request < 2; request++) {
    const event = httpEvent({ method, path }, 'no caller');
    const { authorizer: _, ...requestContext } = event.requestContext; // refused before anything else is called
    lines.length = 0;
    await handler({ ...event, requestContext }, lambdaContext(name));
    const ofRequest = lines.filter((line) => !('ColdStart' in line));
    expect(ofRequest.map(({ message, _aws }) => message ?? typeof _aws)).toEqual(['request', 'object']);
    expect(ofRequest.map(({ request_id }) => request_id)).toEqual([requestContext.requestId, requestContext.requestId]);
  }
});

test('the line of an unexpected error names the request; no key of it is in the lines of the next request', async () => {
  const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use(http())
    .handler(async ({ rawPath }) => {
      if (rawPath !== '/first') return { statusCode: 204 };
      logger.appendKeys({ user_uuid: 'of the first' });
      throw new Error('unexpected');
    });
  const send = async (path: string) => {
    const event = httpEvent({ method: 'GET', path }, 'a caller');
    await handler(event, lambdaContext('any'));
    return event.requestContext.requestId;
  };
  const first = await send('/first');
  const second = await send('/second');
  const logged = lines.filter(({ level }) => level);
  expect(logged.map(({ message, request_id, user_uuid }) => [message, request_id, user_uuid])).toEqual([
    ['request failed', first, 'of the first'],
    ['request', first, 'of the first'],
    ['request', second, undefined],
  ]);
});
