import type middy from '@middy/core';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

type Request = middy.Request<unknown, APIGatewayProxyStructuredResultV2>;

const headers = {
  'strict-transport-security': `max-age=${365 * 24 * 60 * 60}`, // without subdomains: siblings may belong to others
  'x-content-type-options': 'nosniff',
};

/**
 * Sets the security headers of every answer, errors included. The page has more: handlers/site/page-headers.ts. In a pipeline it comes
 * before the error handler: middy runs `after` and `onError` in reverse order, so the answer to an error is there by then.
 */
export function securityHeaders(): middy.MiddlewareObj<unknown, APIGatewayProxyStructuredResultV2> {
  const set = ({ response }: Request) => {
    if (response) response.headers = { ...response.headers, ...headers };
  };
  return { after: set, onError: set };
}
