import type { Uuid } from '../../core/model/id.ts';
import { projectInbox } from '../../core/project-inbox.ts';
import { conversationOfNewMessage, timeOfNewMessage } from '../../core/table/stream-record.ts';
import { type Consumer, consumer } from './consumer.ts';

/**
 * Shorter than for a caller's request, since nothing waits for this answer. Together with the event source's settings in
 * serverless.yml it bounds the delay that one poisonous conversation causes to those behind it in the shard. One record of its batch
 * reports it, that record is alone after log2(100) → 7 bisections, and has 3 retries: at most 1 (the batch) + 8 (the rest of it,
 * bisected down to one) + 3 = 12 calls of 2 s each, and about a second of pauses: 25 s. That must stay well below
 * maximumRecordAgeInSeconds, or the healthy conversations behind it would expire unread.
 */
const retryBudget = 2_000; // milliseconds

/** The projector: the consumer that keeps the inbox rows up to date. */
export const projector: Consumer<Uuid> = {
  subjectOf: conversationOfNewMessage,
  handle: (deps, conversation, records) =>
    projectInbox(deps, conversation, records.map(timeOfNewMessage).sort().at(-1)),
  retryBudget,
  metrics: { written: 'ConversationsProjected', failed: 'ProjectionsFailed' },
  logAs: 'message_group_uuid',
};

export const handler = consumer(projector);
