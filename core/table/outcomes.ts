import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';

type SdkError = Parameters<typeof isTransientError>[0];

/** Whether DynamoDB throttled the request: it did nothing. */
export function isThrottled(error: unknown): boolean {
  return isThrottlingError(error as SdkError) && !isInProgress(error);
}

/** Whether it is unknown what happened: a timeout, a broken connection, a 5xx, or a transaction with the same token in progress. */
export function isUncertain(error: unknown): boolean {
  return isInProgress(error) || isTransientError(error as SdkError) || isServerError(error as SdkError);
}

// The SDK classifies TransactionInProgressException as throttling, but the outcome is unknown: an earlier attempt with the same
// token has not ended yet.
function isInProgress(error: unknown): boolean {
  return error instanceof Error && error.name === 'TransactionInProgressException';
}
