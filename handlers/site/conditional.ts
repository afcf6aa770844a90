import { createHash } from 'node:crypto';
import type middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import fresh from 'fresh';

type Event = Pick<APIGatewayProxyEventV2, 'headers'>;
type Headers = Record<string, string | number | boolean>;

/**
 * Answers `304` without a body if the client still has the file: its `If-None-Match` names the entity tag. In a pipeline it comes before
 * all that set headers, since middy runs `after` in reverse order and the tag covers them: a deployment that changes the security headers
 * alone must reach the pages that browsers have stored, and with a `304` they keep some of the stored headers (Chromium:
 * `kNonUpdatedHeaders` in net/http/http_response_headers.cc). The log line of such a request shows the `200` of before.
 */
export function conditional(): middy.MiddlewareObj<Event, APIGatewayProxyStructuredResultV2> {
  return {
    after: (request) => {
      const { statusCode, headers } = request.response ?? {};
      if (statusCode !== 200 || !headers?.etag) return;
      headers.etag = tagOf(headers);
      if (!fresh(request.event.headers, { etag: headers.etag })) return;
      const { 'content-type': _, 'content-encoding': __, ...kept } = headers;
      request.response = { statusCode: 304, headers: kept };
    },
  };
}

/** @returns a weak entity tag of the file and of its headers, but for the encoding: all encodings are one file */
function tagOf({ 'content-encoding': _, ...headers }: Headers): string {
  return `W/"${createHash('sha256').update(JSON.stringify(headers)).digest('base64url')}"`;
}
