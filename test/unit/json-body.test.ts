import middy from '@middy/core';
import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { jsonBody } from '../../handlers/middleware/json-body.ts';
import { httpEvent, lambdaContext } from '../support/events.ts';

const handler = middy<APIGatewayProxyEventV2WithJWTAuthorizer, { body: unknown }>()
  .use(jsonBody())
  .handler(async ({ body }) => ({ body }));
const parsed = async (method: string, request: Parameters<typeof httpEvent>[2], raw?: string) => {
  const event = httpEvent({ method, path: '/api/anything' }, 'sub', request);
  if (raw !== undefined) event.body = raw;
  return (await handler(event, lambdaContext('test'))).body;
};
const json = { 'content-type': 'application/json' };

describe.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('%s', (method) => {
  test('a JSON body is parsed', async () => {
    expect(await parsed(method, { body: { message: 'hello' } })).toEqual({ message: 'hello' });
  });

  test('a request without a body is accepted, with or without a media type', async () => {
    expect(await parsed(method, {})).toBeUndefined();
    expect(await parsed(method, { headers: json })).toBeUndefined();
    expect(await parsed(method, {}, '')).toBeUndefined();
    expect(await parsed(method, {}, null as unknown as string)).toBeUndefined(); // as serverless-offline passes it on
  });

  test('a body other than a JSON object is rejected with the code of its cause', async () => {
    await expect(parsed(method, { headers: { 'content-type': 'text/plain' } }, '{}')).rejects.toThrow(
      /^media_type_unsupported$/,
    );
    await expect(parsed(method, {}, '{}')).rejects.toThrow(/^media_type_unsupported$/);
    await expect(parsed(method, { headers: json }, `{"a":"${'x'.repeat(16 * 1024)}"}`)).rejects.toThrow(
      /^body_too_large$/,
    );
    for (const raw of ['{"message":', '[]', 'null', '"x"', 'false'])
      await expect(parsed(method, { headers: json }, raw), raw).rejects.toThrow(/^body_invalid$/);
  });
});
