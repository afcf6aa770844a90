import type middy from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { domainError } from '../../core/errors.ts';

// 1024 emoji, each escaped in JSON as a surrogate pair (\ud83d\ude00), are 12 KB.
const maxBytes = 16 * 1024;
const json = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|\s*$)/i;

/**
 * Parses the body of a request that has one, whatever its method. A request without a body passes: the schema of its verb decides
 * whether it needs one.
 * @throws DomainError `body_too_large`, `media_type_unsupported`, `body_invalid` (no JSON object). The package's own middleware answers
 *   415 to all three.
 */
export function jsonBody(): middy.MiddlewareObj<APIGatewayProxyEventV2WithJWTAuthorizer> {
  // The package's types lack the option that its code has.
  const parser = httpJsonBodyParser({ disableContentTypeCheck: true } as object);
  return {
    before: async (request) => {
      const { headers, body, isBase64Encoded } = request.event;
      if (isAbsent(body)) {
        delete request.event.body; // '' and null too
        return;
      }
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

// serverless-offline passes a body of `false` or `5` on as that value; in AWS a body is always text.
const isAbsent = (body: unknown) => body === undefined || body === null || body === '';
const textOf = (body: unknown) => (typeof body === 'string' ? body : '');
const isObject = (body: unknown) => typeof body === 'object' && body !== null && !Array.isArray(body);
