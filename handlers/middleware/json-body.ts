import { isUtf8 } from 'node:buffer';
import type middy from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { domainError } from '../../core/errors.ts';

// The longest allowed message needs 12 KB: 1024 emoji, each escaped in JSON as a surrogate pair (\ud83d\ude00).
const maxBytes = 16 * 1024;
const json = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|\s*$)/i;

/**
 * Parses the body of a request that has one, whatever its method. A request without a body passes: the schema of its verb decides
 * whether it needs one.
 * @throws DomainError `body_too_large`, `media_type_unsupported` (media type, charset or content encoding), `body_invalid` (not UTF-8,
 *   or no JSON object). The package's own middleware answers 415 to all three, and stores malformed bytes as U+FFFD.
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
      if (!isJson(headers)) throw domainError('media_type_unsupported', 'Content-Type');
      if (isEncoded(headers)) throw domainError('media_type_unsupported', 'Content-Encoding');
      if (!isWellFormed(request.event)) throw domainError('body_invalid');
      try {
        await parser.before?.(request as never);
      } catch {
        throw domainError('body_invalid');
      }
      if (!isObject(request.event.body)) throw domainError('body_invalid');
    },
  };
}

function isJson({ 'content-type': contentType = '' }: Headers): boolean {
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(contentType) ?? [];
  return json.test(contentType) && /^utf-?8$/i.test(charset);
}

const isEncoded = (headers: Headers) => !/^(identity)?$/i.test(headers['content-encoding']?.trim() ?? '');

/**
 * Whether the body was sent as UTF-8. API Gateway passes JSON on as text, in which it has replaced each malformed sequence by U+FFFD.
 * That character has three bytes and usually replaces one or two, so the body's length differs from the `content-length` that the
 * client declared. If the client itself sent a U+FFFD, both lengths are equal and the body is accepted. One malformed sequence is
 * accepted as well: a character of four bytes without its last byte, since three bytes replace three.
 */
function isWellFormed({ headers, body, isBase64Encoded }: APIGatewayProxyEventV2WithJWTAuthorizer): boolean {
  const text = textOf(body);
  if (isBase64Encoded) return isUtf8(Buffer.from(text, 'base64'));
  const declared = headers['content-length'];
  return declared === undefined || !text.includes('\ufffd') || Number(declared) === Buffer.byteLength(text);
}

type Headers = APIGatewayProxyEventV2WithJWTAuthorizer['headers'];
// In AWS a body is always text, but serverless-offline passes the body `false` or `5` on as a boolean or a number.
const isAbsent = (body: unknown) => body === undefined || body === null || body === '';
const textOf = (body: unknown) => (typeof body === 'string' ? body : '');
const isObject = (body: unknown) => typeof body === 'object' && body !== null && !Array.isArray(body);
