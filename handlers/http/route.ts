import middy from '@middy/core';
import type { APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { AuthenticatedCaller } from '../../core/create-profile.ts';
import type { Deps } from '../../core/deps.ts';
import { domainError } from '../../core/errors.ts';
import type { Caller } from '../../core/model/account.ts';
import type { Token } from '../../core/model/connection.ts';
import { whoAmI } from '../../core/who-am-i.ts';
import { deps } from '../deps.ts';
import { http } from '../middleware/http.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { logger } from '../middleware/telemetry.ts';

type Event = APIGatewayProxyEventV2WithJWTAuthorizer;

/** The input of a request, not yet validated. */
interface RequestInput {
  path: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  body: unknown;
  idempotencyKey: string | undefined;
}

/** A request with the user who makes it. */
export type RouteRequest = RequestInput & { me: Caller; token: Token };

/** A request whose caller has a valid access token, with or without a profile. */
export type AuthenticatedRequest = RequestInput & { caller: AuthenticatedCaller };

/** The result of a route. */
export interface RouteResult {
  /** The JSON body; undefined for none. */
  body?: unknown;
  /** A body of JSON lines instead, each of which is one of these. */
  lines?: object[];
  /** The status; default: 200 with a body, 204 without. */
  status?: 201 | 202;
  /** The query parameters of the next page, for the header `Link: <…>; rel="next"` (RFC 8288); undefined on the last page. */
  next?: Record<string, string | number> | undefined;
  /** Whether a list without a next page leaves something out, for the header `More-Results: true`. */
  more?: boolean;
  /** The conversation that the request concerns, for the log. */
  message_group_uuid?: string | undefined;
}

/** @returns the handler of a route for users; a caller without a profile gets `403 person_unknown` */
export function route(handle: (deps: Deps, request: RouteRequest) => Promise<RouteResult>) {
  return pipeline(async (event) => {
    const { cognito_user_id, token } = authenticatedCaller(event);
    const me = await whoAmI(deps, cognito_user_id, token);
    logger.appendKeys({ user_uuid: me.user_uuid });
    return { me, token };
  }, handle);
}

/** @returns the handler of a route for callers with a valid access token, with or without a profile */
export function authenticatedRoute(handle: (deps: Deps, request: AuthenticatedRequest) => Promise<RouteResult>) {
  return pipeline(async (event) => ({ caller: authenticatedCaller(event) }), handle);
}

/** @returns the handler for paths without a route: callers with a valid access token get a 404, whatever the body */
export function unknownRoute() {
  return pipeline<object>(
    async (event) => {
      authenticatedCaller(event);
      throw domainError('route_unknown');
    },
    async () => ({}),
  );
}

/**
 * The one pipeline of all routes: log context and metrics, authentication, JSON body, response; problem+json for every error. API
 * Gateway's JWT authorizer has verified the token before.
 * @param authenticate identifies the caller; runs before the body is parsed, so that a token error takes precedence over body errors
 */
function pipeline<Authenticated extends object>(
  authenticate: (event: Event) => Promise<Authenticated>,
  handle: (deps: Deps, request: RequestInput & Authenticated) => Promise<RouteResult>,
) {
  type AuthenticatedContext = Context & { authenticated: Authenticated };
  return middy<Event, APIGatewayProxyStructuredResultV2, Error, AuthenticatedContext>()
    .use(http())
    .before(async ({ event, context }) => {
      context.authenticated = await authenticate(event);
    })
    .use(jsonBody())
    .handler(async (event, { authenticated }) => {
      const result = await handle(deps, {
        ...authenticated,
        path: event.pathParameters ?? {},
        query: event.queryStringParameters ?? {},
        body: event.body,
        idempotencyKey: event.headers['idempotency-key'],
      });
      const { message_group_uuid } = result;
      if (message_group_uuid) logger.appendKeys({ message_group_uuid });
      return toResponse(event, result);
    });
}

/** @throws DomainError `token_invalid` for an id token, which API Gateway's authorizer accepts as well */
function authenticatedCaller({ headers, requestContext }: Event): AuthenticatedCaller {
  const { sub, token_use, iat, exp } = requestContext.authorizer?.jwt?.claims ?? {};
  if (token_use !== 'access' || typeof sub !== 'string') throw domainError('token_invalid');
  const accessToken = (headers.authorization ?? '').replace(/^Bearer /i, '');
  return { cognito_user_id: sub, accessToken, token: { issued_at: Number(iat), expires_at: Number(exp) } };
}

function toResponse(event: Event, result: RouteResult): APIGatewayProxyStructuredResultV2 {
  const { body, lines, status, next, more } = result;
  if (body === undefined && lines === undefined)
    return { statusCode: status ?? 204, headers: { 'cache-control': 'no-store' } };
  const query =
    next && new URLSearchParams(Object.entries(next).map(([name, value]): [string, string] => [name, String(value)]));
  return {
    statusCode: status ?? 200,
    headers: {
      'content-type': lines ? 'application/x-ndjson' : 'application/json',
      'cache-control': 'no-store',
      ...(query && { link: `<${event.rawPath}?${query}>; rel="next"` }),
      ...(more && { 'more-results': 'true' }),
    },
    body: lines ? lines.map((line) => `${JSON.stringify(line)}\n`).join('') : JSON.stringify(body),
  };
}
