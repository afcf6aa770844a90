import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { inSources } from './stack.ts';

// The service name and the metrics namespace come from the environment (POWERTOOLS_*), the log level from
// AWS_LAMBDA_LOG_LEVEL.
export const logger = new Logger();
export const metrics = new Metrics();

/**
 * The parts of an error that may be logged. The SDK attaches the items of a cancelled transaction to its error, with the text of
 * messages, so the error object itself is never logged.
 */
export function loggable(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, message, cause } = error;
  const stack = error.stack && inSources(error.stack);
  return { name, message, stack, ...(cause !== undefined && { cause: loggable(cause) }) };
}
