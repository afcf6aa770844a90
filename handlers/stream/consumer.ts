import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Deps } from '../../core/deps.ts';
import type { Uuid } from '../../core/model/id.ts';
import { deps } from '../deps.ts';
import { loggable, logger, metrics } from '../telemetry.ts';

/** What a consumer follows: which conversation a record concerns (if any), and what to do about it, once per batch. */
export interface Consumer {
  conversationOf: (record: unknown) => Uuid | undefined;
  project: (deps: Deps, group: Uuid) => Promise<boolean>;
}

/**
 * The one pipeline of all stream functions. Every conversation of the batch is projected before a failure is reported, so
 * that a poisonous record holds up no other conversation; reported is the first record of each one that failed.
 */
export function consumer({ conversationOf, project }: Consumer) {
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>()
    .use(injectLambdaContext(logger, { logEvent: false, resetKeys: true }))
    .use(logMetrics(metrics, { captureColdStartMetric: true }))
    .handler(async ({ Records }) => {
      const startedAt = performance.now();
      const { firstRecords, unreadable } = byConversation(Records, conversationOf);
      const outcomes = await Promise.all(
        [...firstRecords].map(async ([group, record]) => {
          try {
            return { written: await project(deps, group) };
          } catch (error) {
            logger.error('conversation not projected', { message_group_uuid: group, cause: loggable(error) });
            return { written: false, failed: record };
          }
        }),
      );
      const written = outcomes.filter((outcome) => outcome.written).length;
      const failed = [...unreadable, ...outcomes.flatMap(({ failed }) => (failed ? [failed] : []))];
      metrics.addMetric('ConversationsProjected', MetricUnit.Count, written);
      metrics.addMetric('ProjectionsFailed', MetricUnit.Count, failed.length);
      logger.info('batch', {
        records: Records.length,
        conversations: firstRecords.size,
        written,
        failed: failed.length,
        duration_ms: Math.round(performance.now() - startedAt),
      });
      return { batchItemFailures: failed.map(toFailure) };
    });
}

function byConversation(records: DynamoDBRecord[], conversationOf: Consumer['conversationOf']) {
  const firstRecords = new Map<Uuid, DynamoDBRecord>();
  const unreadable: DynamoDBRecord[] = [];
  for (const record of records) {
    try {
      const group = conversationOf(record);
      if (group !== undefined && !firstRecords.has(group)) firstRecords.set(group, record);
    } catch (error) {
      logger.error('record not readable', { event_id: record.eventID, cause: loggable(error) });
      unreadable.push(record);
    }
  }
  return { firstRecords, unreadable };
}

// A failure without a sequence number would be read as "the whole batch failed", which is then the truth.
function toFailure({ dynamodb }: DynamoDBRecord) {
  return { itemIdentifier: dynamodb?.SequenceNumber ?? '' };
}
