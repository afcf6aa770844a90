import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { DomainError } from '../../core/errors.ts';
import { http } from '../middleware/http.ts';
import { jsonBody } from '../middleware/json-body.ts';

/**
 * The cookie that keeps a browser signed in. No script can read it; no other site can have it sent; it goes to these two routes
 * alone. A browser takes the name only with `Secure`, which Chromium and Firefox allow on localhost without TLS:
 * https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
 */
const name = '__Secure-session';
const path = '/session';
const days = 30; // as long as Cognito takes the refresh token: resources/sign-in.yml

/** What a session's route is asked. */
export interface SessionRequest {
  body: unknown;
  /** The refresh token that the browser keeps. */
  kept: string | undefined;
}

/** What it answers. */
export interface SessionAnswer {
  /** Left out: `204 No Content`. */
  body?: unknown;
  /** The refresh token that the browser shall keep from now on; null: none. */
  keep: string | null;
}

/** The one pipeline of the routes about a browser's session. Of a session that is over, the browser keeps nothing. */
export function session(handle: (request: SessionRequest) => Promise<SessionAnswer>) {
  return (
    middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
      // The last that is done is named first: the answer is made by then.
      .onError((request) => {
        const { error, response } = request;
        if (error instanceof DomainError && error.is('session_over') && response) response.cookies = [cookie(null)];
      })
      .use(http())
      .use(jsonBody())
      .handler(async ({ body, cookies = [] }) => {
        const answer = await handle({ body, kept: valueIn(cookies) });
        return {
          statusCode: answer.body === undefined ? 204 : 200,
          headers: {
            ...(answer.body !== undefined && { 'content-type': 'application/json' }),
            'cache-control': 'no-store',
          },
          cookies: [cookie(answer.keep)],
          ...(answer.body !== undefined && { body: JSON.stringify(answer.body) }),
        };
      })
  );
}

function valueIn(cookies: string[]): string | undefined {
  const start = `${name}=`;
  return cookies.find((each) => each.startsWith(start))?.slice(start.length);
}

const cookie = (value: string | null) =>
  `${name}=${value ?? ''}; Path=${path}; Max-Age=${value ? days * 24 * 60 * 60 : 0}; HttpOnly; Secure; SameSite=Strict`;
