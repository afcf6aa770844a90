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

  test('a charset other than UTF-8 and a content encoding are rejected', async () => {
    const sent = (headers: Record<string, string>) => parsed(method, { headers }, '{"message":"hello"}');
    for (const charset of ['utf-8', 'UTF-8', '"utf-8"', 'utf8'])
      expect(await sent({ 'content-type': `application/json; charset=${charset}` })).toEqual({ message: 'hello' });
    for (const charset of ['iso-8859-1', '"utf-16"', 'windows-1252', ''])
      await expect(sent({ 'content-type': `application/json;charset=${charset}` }), charset).rejects.toMatchObject({
        issues: [{ code: 'media_type_unsupported', field: 'Content-Type' }],
      });
    expect(await sent({ ...json, 'content-encoding': 'identity' })).toEqual({ message: 'hello' });
    for (const encoding of ['gzip', 'br', 'identity, gzip'])
      await expect(sent({ ...json, 'content-encoding': encoding }), encoding).rejects.toMatchObject({
        issues: [{ code: 'media_type_unsupported', field: 'Content-Encoding' }],
      });
  });

  test('a body that is not UTF-8 is rejected, as text and in base64', async () => {
    for (const bytes of ['caf\xe9', '\xff', '\xc0\xaf', '\xed\xa0\x80', '\xe2\x82', 'a\xffb\xfe']) {
      const body = Buffer.from(`{"message":"${bytes}"}`, 'latin1');
      const headers = { ...json, 'content-length': String(body.length) };
      await expect(parsed(method, { headers }, body.toString('utf8')), bytes).rejects.toMatchObject({
        issues: [{ code: 'body_invalid', field: 'body' }],
      });
      const event = httpEvent({ method, path: '/api/anything' }, 'sub', { headers });
      const inBase64 = { ...event, body: body.toString('base64'), isBase64Encoded: true };
      await expect(handler(inBase64, lambdaContext('test')), bytes).rejects.toThrow(/^body_invalid$/);
    }
  });

  test('U+FFFD is accepted if the client itself has sent it', async () => {
    const body = '{"message":"\ufffd"}';
    const headers = { ...json, 'content-length': String(Buffer.byteLength(body)) };
    expect(await parsed(method, { headers }, body)).toEqual({ message: '\ufffd' });
  });
});
