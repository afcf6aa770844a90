import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { logger, metrics } from './telemetry.ts';

/**
 * The first middlewares of every pipeline: the Lambda context in each log line, and one metrics line per invocation. The event is
 * never logged: it carries tokens, e-mail addresses and message texts.
 */
export const base = () => [
  injectLambdaContext(logger, { logEvent: false, resetKeys: true }),
  logMetrics(metrics, { captureColdStartMetric: true }),
];
