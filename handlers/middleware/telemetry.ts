import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';

// Names and namespaces come from the environment (POWERTOOLS_*), the log level from AWS_LAMBDA_LOG_LEVEL.
export const logger = new Logger();
export const metrics = new Metrics();

/**
 * An error as it may be logged. Not the object itself: the SDK hangs the items of a refused transaction on it, and with them
 * the text of messages.
 */
export function loggable(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause !== undefined && { cause: loggable(cause) }) };
}
