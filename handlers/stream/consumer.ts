import { MetricUnit } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Deps } from '../../core/deps.ts';
import { deps } from '../deps.ts';
import { base } from '../middleware/base.ts';
import { loggable, logger, metrics } from '../middleware/telemetry.ts';

/** A function that follows the table's stream. */
export interface Consumer<Subject extends string> {
  /**
   * The id of what a record is about, such as a conversation; undefined if the consumer ignores the record.
   * @throws for a record that it cannot read
   */
  subjectOf: (record: DynamoDBRecord) => Subject | undefined;
  /**
   * Handles one subject. It is called once per batch and subject, however many records of the batch are about it.
   * @param records its records in the batch, in the order of the stream; at least one
   * @returns whether anything was written
   */
  handle: (deps: Deps, subject: Subject, records: DynamoDBRecord[]) => Promise<boolean>;
  /** How long the handling of one subject may retry against competing writes, in milliseconds. */
  retryBudget: number;
  /** Names of the metrics that count the subjects written and those that failed. */
  metrics: { written: string; failed: string };
  /** The attribute of log lines that names the subject. */
  logAs: string;
}

/**
 * The one pipeline of all stream functions. It handles every subject of the batch before it reports a failure, so that a poisonous
 * record delays no other subject. For each subject that failed it reports only the subject's last record to Lambda: a record only says
 * that its subject has changed, so a retry of this one does all the work. If it reported each record of the subject, Lambda would
 * isolate, retry and discard each of them.
 */
export function consumer<Subject extends string>(options: Consumer<Subject>) {
  const { subjectOf, handle, retryBudget, logAs } = options;
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>()
    .use(base())
    .handler(async ({ Records }) => {
      const startedAt = performance.now();
      const { subjects, unreadable } = bySubject(Records, subjectOf);
      const outcomes = await Promise.all(
        [...subjects].map(async ([subject, records]) => {
          try {
            return { written: await handle({ ...deps, retryBudget }, subject, records) };
          } catch (error) {
            logger.error('stream record not handled', { [logAs]: subject, cause: loggable(error) });
            return { written: false, failed: records.at(-1) };
          }
        }),
      );
      const written = outcomes.filter((outcome) => outcome.written).length;
      const failed = [...unreadable, ...outcomes.flatMap(({ failed }) => (failed ? [failed] : []))];
      metrics.addMetric(options.metrics.written, MetricUnit.Count, written);
      metrics.addMetric(options.metrics.failed, MetricUnit.Count, failed.length);
      logger.info('batch', {
        records: Records.length,
        subjects: subjects.size,
        written,
        failed: failed.length,
        duration_ms: Math.round(performance.now() - startedAt),
      });
      return { batchItemFailures: failed.map(toFailure) };
    });
}

function bySubject<Subject extends string>(records: DynamoDBRecord[], subjectOf: Consumer<Subject>['subjectOf']) {
  const subjects = new Map<Subject, DynamoDBRecord[]>();
  const unreadable: DynamoDBRecord[] = [];
  for (const record of records) {
    try {
      const subject = subjectOf(record);
      if (subject !== undefined) subjects.set(subject, [...(subjects.get(subject) ?? []), record]);
    } catch (error) {
      logger.error('stream record not readable', { event_id: record.eventID, cause: loggable(error) });
      unreadable.push(record);
    }
  }
  return { subjects, unreadable };
}

// Lambda takes a failure without a sequence number for a failure of the whole batch, and retries the whole batch.
function toFailure({ dynamodb }: DynamoDBRecord) {
  return { itemIdentifier: dynamodb?.SequenceNumber ?? '' };
}
