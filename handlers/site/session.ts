import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { DomainError } from '../../core/errors.ts';
import { http } from '../middleware/http.ts';
import { jsonBody } from '../middleware/json-body.ts';

/**
 * The cookie with the refresh token. Scripts cannot read it (`HttpOnly`), and other sites cannot cause it to be sent
 * (`SameSite=Strict`). The prefix `__Host-` keeps sibling subdomains from setting it, and so from signing a visitor in as another
 * user. It requires `Secure`, which Chromium and Firefox allow on localhost without TLS, and `Path=/`:
 * https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
 */
const cookieName = '__Host-session';
const maxAgeDays = 30; // as long as resources/sign-in.yml lets a refresh token live

/** The input of a session route. */
export interface SessionRequest {
  body: unknown;
  query: Record<string, string | undefined>;
  /** The refresh token in the cookie. */
  refreshToken: string | undefined;
}

/** The result of a session route. */
export interface SessionResult {
  /** The JSON body of a `200`. If it is undefined, the response is `204 No Content`. */
  body?: unknown;
  /** The refresh token to set in the cookie; null deletes the cookie. */
  refreshToken: string | null;
}

/** @returns the handler of a session route; the error `session_over` deletes the cookie */
export function session(handle: (request: SessionRequest) => Promise<SessionResult>) {
  return (
    middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
      // middy runs `onError` in reverse order, so this one runs last, when the response exists.
      .onError((request) => {
        const { error, response } = request;
        if (error instanceof DomainError && error.is('session_over') && response) response.cookies = [cookie(null)];
      })
      .use(http())
      .use(jsonBody())
      .handler(async ({ body, cookies = [], queryStringParameters }) => {
        const query = queryStringParameters ?? {}; // offline it is null without a query
        const { refreshToken, ...result } = await handle({ body, query, refreshToken: valueIn(cookies) });
        return {
          statusCode: result.body === undefined ? 204 : 200,
          headers: {
            ...(result.body !== undefined && { 'content-type': 'application/json' }),
            'cache-control': 'no-store',
          },
          cookies: [cookie(refreshToken)],
          ...(result.body !== undefined && { body: JSON.stringify(result.body) }),
        };
      })
  );
}

function valueIn(cookies: string[]): string | undefined {
  const start = `${cookieName}=`;
  return cookies.find((text) => text.startsWith(start))?.slice(start.length);
}

const cookie = (value: string | null) =>
  `${cookieName}=${value ?? ''}; Path=/; Max-Age=${value ? maxAgeDays * 24 * 60 * 60 : 0}; HttpOnly; Secure; SameSite=Strict`;
