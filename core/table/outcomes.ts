import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';

type SdkError = Parameters<typeof isTransientError>[0];

/** DynamoDB said "too much": it did nothing. */
export function isThrottled(error: unknown): boolean {
  return isThrottlingError(error as SdkError) && !isInProgress(error);
}

/** No answer, or none that says what happened: a timeout, a broken connection, a 5xx, or the same token still being worked on. */
export function isUncertain(error: unknown): boolean {
  return isInProgress(error) || isTransientError(error as SdkError) || isServerError(error as SdkError);
}

// The SDK counts it as throttling; it means that an earlier try with this token has not ended yet.
function isInProgress(error: unknown): boolean {
  return error instanceof Error && error.name === 'TransactionInProgressException';
}
