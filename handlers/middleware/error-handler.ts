import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type middy from '@middy/core';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { DomainError } from '../../core/errors.ts';
import { toProblem } from './problem.ts';
import { loggable, logger, metrics } from './telemetry.ts';

/** Turns every error that an HTTP pipeline throws into a problem+json answer. Logs and counts those that are no domain errors. */
export function errorHandler(): middy.MiddlewareObj<unknown, APIGatewayProxyStructuredResultV2> {
  return {
    onError: (request) => {
      const { error } = request;
      request.response = toProblem(error);
      if (!(error instanceof DomainError)) {
        metrics.addMetric('Failed', MetricUnit.Count, 1);
        logger.error('request failed', { cause: loggable(error) });
      } else if (error.is('message_group_busy') || error.is('throttled')) {
        metrics.addMetric('RequestsGivenUp', MetricUnit.Count, 1);
      }
    },
  };
}
