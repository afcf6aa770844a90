import { MetricUnit } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type {
  APIGatewayEventWebsocketRequestContextV2,
  APIGatewayProxyResultV2,
  APIGatewayProxyWebsocketEventV2WithRequestContext,
} from 'aws-lambda';
import type { Deps } from '../../core/deps.ts';
import { DomainError } from '../../core/errors.ts';
import type { Grant } from '../../core/model/connection.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Timestamp } from '../../core/model/time.ts';
import { deps } from '../deps.ts';
import { base } from '../middleware/base.ts';
import { loggable, logger, metrics } from '../middleware/telemetry.ts';

/** API Gateway repeats what the authorizer said of the connection with each of its frames, as text. */
type Context = APIGatewayEventWebsocketRequestContextV2 & { authorizer?: Record<keyof Grant, string> };
type Event = APIGatewayProxyWebsocketEventV2WithRequestContext<Context>;

/** A frame of a client, or the beginning or end of a connection. */
export interface Frame {
  connection_id: string;
  grant: Grant;
  /** The frame's JSON value; undefined if it is no JSON, or there is no frame. */
  body: unknown;
}

/** The frame that answers, as `{type, …}`; undefined: none. */
export type Answer = { type: 'pong' } | undefined;

/**
 * The one pipeline of all socket functions: log context and metrics, the connection's user, a log line for each frame; an error becomes a
 * frame, and the connection stays. API Gateway sends the answer as the response of the route, which needs no permission.
 */
export function socket(handle: (deps: Deps, frame: Frame) => Promise<Answer>) {
  return middy<Event, APIGatewayProxyResultV2>()
    .use(base())
    .handler(async ({ body, requestContext }) => {
      const startedAt = performance.now();
      const { connectionId: connection_id, routeKey: route, authorizer } = requestContext;
      const grant = grantIn(authorizer);
      logger.appendKeys({ connection_id, user_uuid: grant.user_uuid });
      const { answer, code } = await handle(deps, { connection_id, grant, body: parsed(body) }).then(
        (answer) => ({ answer, code: undefined }),
        refusal,
      );
      logger.info('frame', { route, code, duration_ms: Math.round(performance.now() - startedAt) });
      // Anything but 200 refuses a connection that is being opened, and says nothing on one that is open.
      return { statusCode: code && route === '$connect' ? 403 : 200, ...(answer && { body: JSON.stringify(answer) }) };
    });
}

/** What a connection is told of an error. A domain error says its code; any other is logged, and says nothing. */
function refusal(error: unknown) {
  if (!(error instanceof DomainError)) {
    metrics.addMetric('FramesFailed', MetricUnit.Count, 1);
    logger.error('frame failed', { cause: loggable(error) });
  }
  const code = error instanceof DomainError ? error.issues[0].code : 'unexpected';
  return { answer: { type: 'error', code }, code };
}

function grantIn(authorizer: Context['authorizer']): Grant {
  if (!authorizer) throw new Error('the connection has no authorizer: see serverless.yml');
  return {
    user_uuid: authorizer.user_uuid as Uuid,
    signed_in_at: authorizer.signed_in_at as Timestamp,
    connected_until: Number(authorizer.connected_until),
  };
}

function parsed(body: string | undefined): unknown {
  try {
    return body === undefined ? undefined : JSON.parse(body);
  } catch {
    return undefined;
  }
}
