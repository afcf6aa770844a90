import type { Uuid } from '../../core/model/id.ts';
import { projectInbox } from '../../core/project-inbox.ts';
import { conversationOfMessage, isUnnumbered, nudgeOf } from '../../core/table/stream-record.ts';
import { logger } from '../middleware/telemetry.ts';
import { type Consumer, consumer } from './consumer.ts';

/**
 * Shorter than for a caller's request, since no caller waits for this answer. Together with the event source's settings in
 * serverless.yml it bounds how long one poisonous conversation (one whose projection always fails) delays the conversations behind it
 * in the shard. The consumer reports one record of it. Lambda bisects the batch of 100 until that record is alone, after
 * log2(100) → 7 bisections, and retries it 3 times: at most 1 (the batch) + 8 (its bisected parts) + 3 = 12 calls of 2 s each, with
 * about a second of pauses: 25 s. With p of them in a batch, each adds as much at most; a batch of nothing else takes 199 calls for its
 * parts and 300 for its retries: 20 minutes. Ten such batches in a row must stay below maximumRecordAgeInSeconds, or the records behind
 * them would expire before they are read. They delay one of the shard's two lanes (parallelizationFactor), so about half of its
 * conversations. test/unit/offline/stall.test.ts computes all this.
 */
const retryBudget = 2_000; // milliseconds

/** The projector: the consumer that keeps the inbox rows up to date. */
export const projector: Consumer<Uuid> = {
  subjectOf: (record) => {
    // No retry could help, so it is not reported as failed. The doctor names its conversation, too.
    if (isUnnumbered(record))
      logger.warn('message without a number ignored: see bin/ddb import', { event_id: record.eventID });
    return conversationOfMessage(record);
  },
  handle: (deps, conversation, records) => projectInbox(deps, conversation, nudgeOf(records)),
  retryBudget,
  metrics: { written: 'ConversationsProjected', failed: 'ProjectionsFailed' },
  logAs: 'message_group_uuid',
};

export const handler = consumer(projector);
