import type { Mutation } from '../mutation.ts';

const stream = 'test/table/consumer.test.ts';
const safeguards = 'test/table/safeguards.test.ts';
const consumer = 'handlers/stream/consumer.ts';

export const streamFunctions: Mutation[] = [
  {
    name: 'a conversation that fails does not block the others of its batch',
    file: consumer,
    find: 'return { written: false, failed: records.at(-1) };',
    replace: 'throw error;',
    caughtBy: [stream, 'a conversation that cannot be projected'],
  },
  {
    name: 'a failure is reported',
    file: consumer,
    find: '{ batchItemFailures: failed.map(toFailure) }',
    replace: '{ batchItemFailures: [] }',
    caughtBy: [stream, 'a conversation that cannot be projected'],
  },
  {
    name: 'a failed conversation is reported by its last record alone',
    file: consumer,
    find: 'failed: records.at(-1)',
    replace: 'failed: records[0] as DynamoDBRecord',
    caughtBy: [stream, 'a conversation that cannot be projected'],
  },
  {
    name: 'a conversation is projected once per batch',
    file: consumer,
    find: 'subjects.set(subject, [',
    replace: 'subjects.set(record.eventID as Subject, [',
    caughtBy: [stream, 'a batch with a hundred records'],
  },
  {
    name: 'an unreadable record does not block the others of its batch',
    file: consumer,
    find: '      unreadable.push(record);\n',
    replace: '      throw error;\n',
    caughtBy: [stream, 'an unreadable record'],
  },
  {
    name: 'an unreadable record is reported',
    file: consumer,
    find: '      unreadable.push(record);\n',
    replace: '',
    caughtBy: [stream, 'an unreadable record'],
  },
  {
    name: 'a failed record without a sequence number fails the batch',
    file: consumer,
    find: "SequenceNumber ?? ''",
    replace: "SequenceNumber ?? '0'",
    caughtBy: [stream, 'an unreadable record'],
  },
  {
    name: 'only inserted and changed items are projected',
    file: 'core/table/stream-record.ts',
    find: "eventName === 'MODIFY' ? 'changed' : undefined",
    replace: "'changed'",
    caughtBy: [stream, 'a record other than of a new or changed message'],
  },
  {
    name: 'only messages are projected',
    file: 'core/table/stream-record.ts',
    find: "  if (!dynamodb.Keys.pk.S.startsWith(messages('' as Uuid))) return undefined;\n",
    replace: '',
    caughtBy: [stream, 'a record other than of a new or changed message'],
  },
  {
    name: 'a message of the original service is not retried',
    file: 'core/table/stream-record.ts',
    find: ' && !isUnnumbered(record)',
    replace: '',
    caughtBy: [stream, 'a message of the original service'],
  },
  {
    name: 'a projection has a short retry budget, because later records of its shard wait',
    file: consumer,
    find: '{ ...deps, retryBudget }',
    replace: 'deps',
    caughtBy: ['test/table/poison.test.ts', 'a projection that loses every race'],
  },
  {
    name: 'no log line contains a message',
    file: 'handlers/middleware/telemetry.ts',
    find: 'return { name, message, stack,',
    replace: 'return { ...error, name, message, stack,',
    caughtBy: [safeguards, 'the log of an error contains none of the items'],
  },
];
