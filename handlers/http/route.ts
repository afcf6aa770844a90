import middy from '@middy/core';
import type { APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { AuthenticatedCaller } from '../../core/create-profile.ts';
import type { Deps } from '../../core/deps.ts';
import { domainError } from '../../core/errors.ts';
import type { User } from '../../core/model/user.ts';
import { whoAmI } from '../../core/who-am-i.ts';
import { deps } from '../deps.ts';
import { http } from '../middleware/http.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { logger } from '../middleware/telemetry.ts';

type Event = APIGatewayProxyEventV2WithJWTAuthorizer;

/** What a request brought, unchecked. */
interface Brought {
  path: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  body: unknown;
  idempotencyKey: string | undefined;
}

/** A request as a route sees it: who asks, and what they brought. */
export type RouteRequest = Brought & { me: User };

/** A request of somebody who can sign in, whoever they are here. */
export type SignedInRequest = Brought & { signedIn: AuthenticatedCaller };

/** What a route answers. */
export interface Answer {
  /** Left out: `204 No Content`. */
  body?: unknown;
  /** Where the list goes on: the query parameters of the next page (`Link: <…>; rel="next"`, RFC 8288). */
  next?: Record<string, string | number> | undefined;
  /** The conversation that it was about, for the log. */
  about?: string | undefined;
}

/** A route for the people of this service. */
export function route(handle: (deps: Deps, request: RouteRequest) => Promise<Answer>) {
  return pipeline(async (event) => {
    const me = await whoAmI(deps, signedInBy(event).cognito_user_id);
    logger.appendKeys({ user_uuid: me.user_uuid });
    return { me };
  }, handle);
}

/** A route for whoever has a good access token, be they somebody here or not. */
export function signedInRoute(handle: (deps: Deps, request: SignedInRequest) => Promise<Answer>) {
  return pipeline(async (event) => ({ signedIn: signedInBy(event) }), handle);
}

/** What is asked for where there is no route: whoever has a good access token hears so, whatever they sent. */
export function unknownRoute() {
  return pipeline<object>(
    async (event) => {
      signedInBy(event);
      throw domainError('route_unknown');
    },
    async () => ({}),
  );
}

/**
 * The one pipeline of all routes: log context and metrics, who asks, the JSON body, the answer; and a problem+json answer for
 * whatever is thrown. API Gateway's JWT authorizer has verified the token by then.
 * @param callerOf finds out who asks, before anything else of the request is looked at
 */
function pipeline<Caller extends object>(
  callerOf: (event: Event) => Promise<Caller>,
  handle: (deps: Deps, request: Brought & Caller) => Promise<Answer>,
) {
  type Known = Context & { caller: Caller };
  return middy<Event, APIGatewayProxyStructuredResultV2, Error, Known>()
    .use(http())
    .before(async ({ event, context }) => {
      context.caller = await callerOf(event);
    })
    .use(jsonBody())
    .handler(async (event, { caller }) => {
      const answer = await handle(deps, {
        ...caller,
        path: event.pathParameters ?? {},
        query: event.queryStringParameters ?? {},
        body: event.body,
        idempotencyKey: event.headers['idempotency-key'],
      });
      if (answer.about) logger.appendKeys({ message_group_uuid: answer.about });
      return toResponse(event, answer);
    });
}

/** An id token is signed by the same pool and passes API Gateway; only an access token opens this API. */
function signedInBy({ headers, requestContext }: Event): AuthenticatedCaller {
  const { sub, token_use } = requestContext.authorizer?.jwt?.claims ?? {};
  if (token_use !== 'access' || typeof sub !== 'string') throw domainError('token_invalid');
  return { cognito_user_id: sub, accessToken: (headers.authorization ?? '').replace(/^Bearer /i, '') };
}

function toResponse(event: Event, { body, next }: Answer): APIGatewayProxyStructuredResultV2 {
  if (body === undefined) return { statusCode: 204, headers: { 'cache-control': 'no-store' } };
  const query =
    next && new URLSearchParams(Object.entries(next).map(([name, value]): [string, string] => [name, String(value)]));
  return {
    statusCode: 200,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...(query && { link: `<${event.rawPath}?${query}>; rel="next"` }),
    },
    body: JSON.stringify(body),
  };
}
