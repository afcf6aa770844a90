import type middy from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { domainError } from '../../core/errors.ts';

// 1024 emoji, each escaped in JSON as a surrogate pair (\ud83d\ude00), are 12 KB.
const maxBytes = 16 * 1024;
const json = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|\s*$)/i;

/**
 * Parses the body of what has one, and says by its cause what is wrong with it: 413 too large, 415 not JSON by its media type,
 * 400 not JSON by its content. (The parser answers 415 to all of them.)
 */
export function jsonBody(): middy.MiddlewareObj<APIGatewayProxyEventV2WithJWTAuthorizer> {
  // The package's types lack the option that its code has.
  const parser = httpJsonBodyParser({ disableContentTypeCheck: true } as object);
  return {
    before: async (request) => {
      const { method } = request.event.requestContext.http;
      if (method !== 'POST' && method !== 'PUT') return;
      const { headers, body, isBase64Encoded } = request.event;
      if (Buffer.byteLength(textOf(body), isBase64Encoded ? 'base64' : 'utf8') > maxBytes)
        throw domainError('body_too_large');
      if (!json.test(headers['content-type'] ?? '')) throw domainError('media_type_unsupported');
      try {
        await parser.before?.(request as never);
      } catch {
        throw domainError('body_invalid');
      }
      if (!isObject(request.event.body)) throw domainError('body_invalid');
    },
  };
}

// serverless-offline hands a body of `false` or `5` on as it is; in AWS a body is always text.
const textOf = (body: unknown) => (typeof body === 'string' ? body : '');
const isObject = (body: unknown) => typeof body === 'object' && body !== null && !Array.isArray(body);
