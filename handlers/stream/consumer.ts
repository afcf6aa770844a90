import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Deps } from '../../core/deps.ts';
import type { Uuid } from '../../core/model/id.ts';
import { deps } from '../deps.ts';
import { loggable, logger, metrics } from '../middleware/telemetry.ts';

/** What a consumer follows: which conversation a record concerns (if any), and what to do about it, once per batch. */
export interface Consumer {
  conversationOf: (record: unknown) => Uuid | undefined;
  project: (deps: Deps, conversation: Uuid) => Promise<boolean>;
}

/**
 * How long one conversation may go on losing races, in milliseconds: shorter than for a caller, who has nobody to try again for
 * them. With the settings in serverless.yml it bounds what one poisonous conversation costs those behind it in the shard: it is
 * reported by one record of its batch, that record is alone after log2(100) → 7 bisections, and has 3 retries, so at most
 * 1 (the batch) + 8 (its rest, bisected down to one) + 3 = 12 calls × 2 s, and about a second of pauses: 25 s. That must stay
 * well below maximumRecordAgeInSeconds, or the healthy ones behind it would expire unread.
 */
const retryBudget = 2_000;

/**
 * The one pipeline of all stream functions. Every conversation of the batch is projected before a failure is reported, so
 * that a poisonous record holds up no other conversation. Reported is the last record of each one that failed: a record is
 * only a nudge, so one is as good as all of them, and those before the last need not be isolated, retried and given up too.
 */
export function consumer({ conversationOf, project }: Consumer) {
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>()
    .use(injectLambdaContext(logger, { logEvent: false, resetKeys: true }))
    .use(logMetrics(metrics, { captureColdStartMetric: true }))
    .handler(async ({ Records }) => {
      const startedAt = performance.now();
      const { lastRecords, unreadable } = byConversation(Records, conversationOf);
      const outcomes = await Promise.all(
        [...lastRecords].map(async ([conversation, record]) => {
          try {
            return { written: await project({ ...deps, retryBudget }, conversation) };
          } catch (error) {
            logger.error('conversation not projected', { message_group_uuid: conversation, cause: loggable(error) });
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
        conversations: lastRecords.size,
        written,
        failed: failed.length,
        duration_ms: Math.round(performance.now() - startedAt),
      });
      return { batchItemFailures: failed.map(toFailure) };
    });
}

function byConversation(records: DynamoDBRecord[], conversationOf: Consumer['conversationOf']) {
  const lastRecords = new Map<Uuid, DynamoDBRecord>();
  const unreadable: DynamoDBRecord[] = [];
  for (const record of records) {
    try {
      const conversation = conversationOf(record);
      if (conversation !== undefined) lastRecords.set(conversation, record);
    } catch (error) {
      logger.error('record not readable', { event_id: record.eventID, cause: loggable(error) });
      unreadable.push(record);
    }
  }
  return { lastRecords, unreadable };
}

// A failure without a sequence number would be read as "the whole batch failed", which is then the truth.
function toFailure({ dynamodb }: DynamoDBRecord) {
  return { itemIdentifier: dynamodb?.SequenceNumber ?? '' };
}
