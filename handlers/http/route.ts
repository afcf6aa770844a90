import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { Deps } from '../../core/deps.ts';
import { DomainError, refusal } from '../../core/errors.ts';
import type { Person } from '../../core/model/person.ts';
import { whoAmI } from '../../core/who-am-i.ts';
import { deps } from '../deps.ts';
import { loggable, logger, metrics } from '../telemetry.ts';
import { jsonBody } from './json-body.ts';
import { toProblem } from './problem.ts';

type Event = APIGatewayProxyEventV2WithJWTAuthorizer;
type SignedIn = Context & { me: Person };
type Request = middy.Request<Event, APIGatewayProxyStructuredResultV2>;

/** A request as a route sees it: who asks, and what they brought, unchecked. */
export interface RouteRequest {
  me: Person;
  path: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  body: unknown;
  idempotencyKey: string | undefined;
}

/** What a route answers. */
export interface Answer {
  /** Left out: `204 No Content`. */
  body?: unknown;
  /** Where the list goes on: the query parameters of the next page (`Link: <…>; rel="next"`, RFC 8288). */
  next?: Record<string, string | number> | undefined;
  /** The conversation that it was about, for the log. */
  about?: string | undefined;
}

/**
 * The one pipeline of all routes: log context and metrics, the signed-in person, the JSON body, the answer; and a problem+json
 * answer for whatever is thrown. API Gateway's JWT authorizer has verified the token by then.
 */
export function route(handle: (deps: Deps, request: RouteRequest) => Promise<Answer>) {
  return middy<Event, APIGatewayProxyStructuredResultV2, Error, SignedIn>()
    .use(injectLambdaContext(logger, { logEvent: false, resetKeys: true }))
    .use(logMetrics(metrics, { captureColdStartMetric: true }))
    .use(measured())
    .use(signedIn())
    .use(jsonBody())
    .handler(async (event, { me }) => {
      const answer = await handle(deps, {
        me,
        path: event.pathParameters ?? {},
        query: event.queryStringParameters ?? {},
        body: event.body,
        idempotencyKey: event.headers['idempotency-key'],
      });
      if (answer.about) logger.appendKeys({ message_group_uuid: answer.about });
      return toResponse(event, answer);
    });
}

/**
 * Finds out who asks, before anything else of the request is looked at. An id token is signed by the same pool and passes API
 * Gateway; only an access token opens this API.
 */
function signedIn(): middy.MiddlewareObj<Event, APIGatewayProxyStructuredResultV2, Error, SignedIn> {
  return {
    before: async ({ event, context }) => {
      const { sub, token_use } = event.requestContext.authorizer?.jwt?.claims ?? {};
      if (token_use !== 'access' || typeof sub !== 'string') throw refusal('token_invalid');
      context.me = await whoAmI(deps, sub);
      logger.appendKeys({ user_uuid: context.me.user_uuid });
    },
  };
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

/** One log line and one duration per request, and the answer to what was thrown. */
function measured(): middy.MiddlewareObj<Event, APIGatewayProxyStructuredResultV2> {
  const startedAt = new WeakMap<Request, number>();
  const finish = (request: Request, outcome: Record<string, unknown>) => {
    const duration_ms = Math.round(performance.now() - (startedAt.get(request) ?? performance.now()));
    const { routeKey } = request.event;
    metrics.addMetric('RequestDuration', MetricUnit.Milliseconds, duration_ms);
    logger.info('request', { route: routeKey, status: request.response?.statusCode, duration_ms, ...outcome });
  };
  return {
    before: (request) => {
      startedAt.set(request, performance.now());
    },
    after: (request) => finish(request, {}),
    onError: (request) => {
      request.response = toProblem(request.error);
      if (request.error instanceof DomainError) {
        if (request.error.is('message_group_busy') || request.error.is('throttled')) {
          metrics.addMetric('GaveUp', MetricUnit.Count, 1);
        }
        finish(request, { issues: request.error.issues });
      } else {
        metrics.addMetric('Failed', MetricUnit.Count, 1);
        logger.error('request failed', { cause: loggable(request.error) });
        finish(request, {});
      }
    },
  };
}
