/** What one invocation came to. */
export type Outcome =
  /** The function answered; `response` is what it returned. */
  | { result: 'answered'; response: unknown }
  /** The function failed or ran out of time. */
  | { result: 'failed'; functionError: string }
  /** There was nobody to call: not an attempt of the function, so it uses up no retry. */
  | { result: 'unreachable' };

/** What delivery needs to know of a stream record. */
export interface Deliverable {
  sequenceNumber: string;
  /** When the poller read it, on the clock of `DeliveryTools.now`. */
  readAt: number;
}

/** The error handling of one event source mapping, https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html */
export interface DeliveryRules {
  reportsItemFailures: boolean;
  bisects: boolean;
  /** Calls after the first one; `Infinity` for "until the record expires". */
  maximumRetries: number;
  maximumAgeMs: number;
}

/** Records given up, and why: `condition` and the rest are AWS's words for the failure destination. */
export interface Discarded<R> {
  records: R[];
  condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  invokeCount: number;
  functionError?: string;
}

export interface DeliveryTools<R> {
  invoke(records: R[]): Promise<Outcome>;
  /** Pauses for so many milliseconds; rejects when the poller stops, which ends the delivery. */
  wait(milliseconds: number): Promise<void>;
  now(): number;
  /** Called with the records that are delivered, in order: the checkpoint may pass them. */
  finished(records: R[]): void;
  /** Takes records that are given up; they count as finished once it returns. */
  onFailure(discarded: Discarded<R>): void;
  /** Aborted when the poller stops: what is under way then is neither a success nor a failed attempt. */
  signal?: AbortSignal;
}

const unreachablePauseMs = 100; // a refused connection costs nothing, and serverless-offline is up within a second or two
const longestPauseMs = 5_000;

/** The pause before retry number `retry` (from 0): growing, and bounded so that a fixed handler is soon seen to work. */
export const backOff = (retry: number): number => Math.min(100 * 2 ** retry, longestPauseMs);

interface Piece<R> {
  records: R[];
  retries: number;
  calls: number;
  functionError?: string | undefined;
}

/**
 * Delivers one batch as Lambda's event source mapping for DynamoDB streams does; returns when every record is either
 * finished or handed to `onFailure`. Records are only ever finished in the order of the batch.
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
  const giveUp = (piece: Piece<R>, records: R[], condition: Discarded<R>['condition']) => {
    const { calls: invokeCount, functionError } = piece;
    tools.onFailure({ records, condition, invokeCount, ...(functionError === undefined ? {} : { functionError }) });
    tools.finished(records);
  };

  for (let piece = pieces.shift(); piece; piece = pieces.shift()) {
    const { records } = piece;
    const expired = countExpired(records, tools.now() - rules.maximumAgeMs);
    if (expired > 0) {
      giveUp(piece, records.slice(0, expired), 'RecordAgeExceeded');
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
      pieces.unshift(rest); // "bisected at the returned sequence number": the first part is done
    } else if (rules.bisects && rest.records.length > 1) {
      // AWS does not say what it does when the returned sequence number is the batch's first, where cutting would cut
      // nothing: split in two, as for any other failure, or the healthy records behind it would be given up with it.
      const middle = Math.floor(rest.records.length / 2);
      pieces.unshift(
        { ...rest, records: rest.records.slice(0, middle) },
        { ...rest, records: rest.records.slice(middle) },
      );
    } else if (rest.retries < rules.maximumRetries) {
      await tools.wait(backOff(rest.retries));
      pieces.unshift({ ...rest, retries: rest.retries + 1 });
    } else {
      giveUp(rest, rest.records, 'RetryAttemptsExhausted');
    }
  }
}

/** Records are in the order in which they were read, so the expired ones stand in front. */
function countExpired(records: Deliverable[], bornBefore: number): number {
  const alive = records.findIndex((record) => record.readAt >= bornBefore);
  return alive === -1 ? records.length : alive;
}

/** The index of the first record that must be delivered again; the batch's length when all of it succeeded. */
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
  // An identifier that is empty, missing or of no record of this batch: the whole batch has failed.
  return Math.max(0, Math.min(records.length, ...failed));
}
