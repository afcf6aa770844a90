/** The outcome of one invocation. */
export type Outcome =
  /** The function answered; `response` is what it returned. */
  | { result: 'answered'; response: unknown }
  /** The function failed or ran out of time. */
  | { result: 'failed'; functionError: string }
  /** The Lambda endpoint did not answer. The function was not called, so this uses up no retry. */
  | { result: 'unreachable' };

/** What delivery needs of a stream record. */
export interface Deliverable {
  sequenceNumber: string;
  /** The time at which the poller read the record, by the clock of `DeliveryTools.now`. */
  readAt: number;
}

/**
 * The settings for errors of one event source mapping,
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
 */
export interface DeliveryRules {
  reportsItemFailures: boolean;
  bisects: boolean;
  /** Calls after the first one; `Infinity` means until the record expires. */
  maximumRetries: number;
  maximumAgeMs: number;
}

/** Discarded records and the reason, in the terms of the message that AWS sends to a failure destination. */
export interface Discarded<R> {
  records: R[];
  condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  invokeCount: number;
  functionError?: string;
}

export interface DeliveryTools<R> {
  invoke(records: R[]): Promise<Outcome>;
  /** Rejects when the poller stops, which ends the delivery. */
  wait(milliseconds: number): Promise<void>;
  now(): number;
  /** Called with delivered records, in order. The checkpoint may then advance past them. */
  finished(records: R[]): void;
  /** Called with discarded records. They count as finished once it returns. */
  onFailure(discarded: Discarded<R>): void;
  /**
   * Aborted when the poller stops. An invocation that is running then counts neither as a success nor as a failed
   * attempt.
   */
  signal?: AbortSignal;
}

const unreachablePauseMs = 100; // tries often: a refused connection is cheap, and serverless-offline listens within a second or two
const longestPauseMs = 5_000;

/**
 * The pause before retry number `retry` (from 0), in milliseconds: it grows up to a bound, so that a handler is called soon after a
 * developer has corrected it.
 */
export const backOff = (retry: number): number => Math.min(100 * 2 ** retry, longestPauseMs);

interface Piece<R> {
  records: R[];
  retries: number;
  calls: number;
  functionError?: string | undefined;
}

/**
 * Delivers one batch as Lambda's event source mapping for DynamoDB streams does; returns when every record is delivered or passed
 * to `onFailure`. Records are finished in the order of the batch only.
 *
 * Retries, bisecting: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 * Partial failure: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 *
 * @throws what `wait` and `onFailure` throw, and the reason of `signal` once it is aborted
 */
export async function deliver<R extends Deliverable>(
  batch: R[],
  rules: DeliveryRules,
  tools: DeliveryTools<R>,
): Promise<void> {
  const pieces: Piece<R>[] = [{ records: batch, retries: 0, calls: 0 }];
  const discard = (piece: Piece<R>, records: R[], condition: Discarded<R>['condition']) => {
    const { calls: invokeCount, functionError } = piece;
    tools.onFailure({ records, condition, invokeCount, ...(functionError === undefined ? {} : { functionError }) });
    tools.finished(records);
  };

  for (let piece = pieces.shift(); piece; piece = pieces.shift()) {
    const { records } = piece;
    const expired = countExpired(records, tools.now() - rules.maximumAgeMs);
    if (expired > 0) {
      discard(piece, records.slice(0, expired), 'RecordAgeExceeded');
      if (expired < records.length) pieces.unshift({ ...piece, records: records.slice(expired) });
      continue;
    }

    const outcome = await tools.invoke(records).catch((error: unknown): Outcome => {
      return { result: 'failed', functionError: error instanceof Error ? error.name : 'Unhandled' };
    });
    tools.signal?.throwIfAborted();
    if (outcome.result === 'unreachable') {
      await tools.wait(unreachablePauseMs);
      pieces.unshift(piece);
      continue;
    }

    const firstFailed = findFirstFailed(outcome, records, rules.reportsItemFailures);
    if (firstFailed > 0) tools.finished(records.slice(0, firstFailed));
    if (firstFailed === records.length) continue;
    const rest: Piece<R> = {
      records: records.slice(firstFailed),
      retries: piece.retries,
      calls: piece.calls + 1,
      functionError: outcome.result === 'failed' ? outcome.functionError : undefined,
    };

    if (rules.bisects && firstFailed > 0) {
      // AWS says that a batch is "bisected at the returned sequence number": the records before it count as delivered
      pieces.unshift(rest);
    } else if (rules.bisects && rest.records.length > 1) {
      // AWS does not document what happens when the returned sequence number is the first of the batch. We split the
      // batch in the middle, as for any other failure: otherwise the good records after the failed one would be
      // discarded with it.
      const middle = Math.floor(rest.records.length / 2);
      pieces.unshift(
        { ...rest, records: rest.records.slice(0, middle) },
        { ...rest, records: rest.records.slice(middle) },
      );
    } else if (rest.retries < rules.maximumRetries) {
      await tools.wait(backOff(rest.retries));
      pieces.unshift({ ...rest, retries: rest.retries + 1 });
    } else {
      discard(rest, rest.records, 'RetryAttemptsExhausted');
    }
  }
}

/** Splits off the expired records. The records are in the order in which they were read, so these come first. */
function countExpired(records: Deliverable[], bornBefore: number): number {
  const alive = records.findIndex((record) => record.readAt >= bornBefore);
  return alive === -1 ? records.length : alive;
}

/** @returns the index of the first record to deliver again, or the length of the batch if all have succeeded */
function findFirstFailed(outcome: Outcome, records: Deliverable[], reportsItemFailures: boolean): number {
  if (outcome.result !== 'answered') return 0;
  const { response } = outcome;
  if (!reportsItemFailures || response === null || response === undefined) return records.length;
  if (typeof response !== 'object' || Array.isArray(response)) return 0;
  const failures = (response as { batchItemFailures?: unknown }).batchItemFailures ?? [];
  if (!Array.isArray(failures)) return 0;
  const failed = failures.map((failure) =>
    records.findIndex((record) => record.sequenceNumber === failure?.itemIdentifier),
  );
  // As in Lambda, an identifier that is empty, missing or not in this batch makes the whole batch fail.
  return Math.max(0, Math.min(records.length, ...failed));
}
