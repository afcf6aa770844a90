import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import type middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { DomainError } from '../../core/errors.ts';
import { toProblem } from './problem.ts';
import { loggable, logger, metrics } from './telemetry.ts';

/** What is measured: any request that API Gateway hands on. */
type Event = Pick<APIGatewayProxyEventV2, 'routeKey'>;
type Request = middy.Request<Event, APIGatewayProxyStructuredResultV2>;

/**
 * What every pipeline of HTTP begins with: log context and metrics, one log line and one duration per request, and the answer to
 * what was thrown.
 */
export function measured(): middy.MiddlewareObj<Event, APIGatewayProxyStructuredResultV2>[] {
  return [
    injectLambdaContext(logger, { logEvent: false, resetKeys: true }),
    logMetrics(metrics, { captureColdStartMetric: true }),
    lineAndAnswer(),
  ];
}

function lineAndAnswer(): middy.MiddlewareObj<Event, APIGatewayProxyStructuredResultV2> {
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
