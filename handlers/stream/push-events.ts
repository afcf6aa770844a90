import { MetricUnit } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { pushEvents } from '../../core/push-events.ts';
import { type Change, changeOf } from '../../core/table/stream-changes.ts';
import { deps } from '../deps.ts';
import { base } from '../middleware/base.ts';
import { loggable, logger, metrics } from '../middleware/telemetry.ts';
import { eventView } from '../socket/frames.ts';
import { sockets } from '../sockets.ts';

const frameOf: Parameters<typeof pushEvents>[0]['frameOf'] = (event, me) => JSON.stringify(eventView(event, me));
const retryBudget = 2_000; // milliseconds: what comes later is asked for meanwhile

/**
 * Tells connected users what has changed. It fails only if the table does not answer: then Lambda calls it once more with the same records
 * (serverless.yml), and some events are told twice. What is not told in the end costs nothing but time, since clients ask.
 */
export const handler = middy<DynamoDBStreamEvent, void>()
  .use(base())
  .handler(async ({ Records }) => {
    const startedAt = performance.now();
    const changes = Records.flatMap((record) => readable(record) ?? []);
    const { posted, failed, ended } = await pushEvents({ ...deps, retryBudget, sockets, frameOf }, changes);
    metrics.addMetric('EventsPosted', MetricUnit.Count, posted);
    metrics.addMetric('EventsFailed', MetricUnit.Count, failed);
    const duration_ms = Math.round(performance.now() - startedAt);
    logger.info('batch', { records: Records.length, changes: changes.length, posted, failed, ended, duration_ms });
  });

function readable(record: DynamoDBRecord): Change | undefined {
  try {
    return changeOf(record);
  } catch (error) {
    logger.error('stream record not readable', { event_id: record.eventID, cause: loggable(error) });
    return undefined;
  }
}
