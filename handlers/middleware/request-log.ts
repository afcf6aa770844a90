import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { DomainError } from '../../core/errors.ts';
import { logger, metrics } from './telemetry.ts';

type Event = Pick<APIGatewayProxyEventV2, 'routeKey' | 'requestContext'>;
type Request = middy.Request<Event, APIGatewayProxyStructuredResultV2>;

/**
 * Writes one log line and one duration metric per HTTP request, whatever its outcome. In a pipeline it comes before the error handler:
 * middy runs `onError` in reverse order, so the answer to an error is there by the time it is logged. It comes after the base
 * middlewares, which reset the keys of the log when the request has ended.
 *
 * Every line of the request has API Gateway's id of it, `request_id`, which the access log has too (serverless.yml).
 */
export function requestLog(): middy.MiddlewareObj<Event, APIGatewayProxyStructuredResultV2> {
  const startedAt = new WeakMap<Request, number>();
  const log = (request: Request) => {
    const { event, response, error } = request;
    const duration_ms = Math.round(performance.now() - (startedAt.get(request) ?? performance.now()));
    metrics.addMetric('RequestDuration', MetricUnit.Milliseconds, duration_ms);
    logger.info('request', {
      route: event.routeKey,
      status: response?.statusCode,
      duration_ms,
      ...(error instanceof DomainError && { issues: error.issues }),
    });
  };
  return {
    before: (request) => {
      startedAt.set(request, performance.now());
      const { requestId: request_id } = request.event.requestContext;
      logger.appendKeys({ request_id });
      metrics.addMetadata('request_id', request_id);
    },
    after: log,
    onError: log,
  };
}
