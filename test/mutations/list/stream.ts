import type { Mutation } from '../mutation.ts';

const stream = 'test/table/consumer.test.ts';
const safeguards = 'test/table/safeguards.test.ts';
const consumer = 'handlers/stream/consumer.ts';

export const streamFunctions: Mutation[] = [
  {
    name: 'a conversation that fails holds up no other of its batch',
    file: consumer,
    find: 'return { written: false, failed: record };',
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
    name: 'a conversation is reported by its last record: one is given up, not all',
    file: consumer,
    find: 'if (subject !== undefined) lastRecords',
    replace: 'if (subject !== undefined && !lastRecords.has(subject)) lastRecords',
    caughtBy: [stream, 'a conversation that cannot be projected'],
  },
  {
    name: 'a conversation is projected once a batch',
    file: consumer,
    find: 'lastRecords.set(subject, record)',
    replace: 'lastRecords.set(record.eventID as Subject, record)',
    caughtBy: [stream, 'a hundred records of one conversation'],
  },
  {
    name: 'a record that cannot be read holds up nobody',
    file: consumer,
    find: '      unreadable.push(record);\n',
    replace: '      throw error;\n',
    caughtBy: [stream, 'a record that cannot be read'],
  },
  {
    name: 'a record that cannot be read is reported',
    file: consumer,
    find: '      unreadable.push(record);\n',
    replace: '',
    caughtBy: [stream, 'a record that cannot be read'],
  },
  {
    name: 'a failure without a number fails the batch',
    file: consumer,
    find: "SequenceNumber ?? ''",
    replace: "SequenceNumber ?? '0'",
    caughtBy: [stream, 'a record that cannot be read'],
  },
  {
    name: 'only new items are news',
    file: 'core/table/stream-record.ts',
    find: "eventName !== 'INSERT' || ",
    replace: '',
    caughtBy: [stream, 'what is no new message'],
  },
  {
    name: 'only messages are news',
    file: 'core/table/stream-record.ts',
    find: " || !dynamodb.Keys.pk.S.startsWith(messages('' as Uuid))",
    replace: '',
    caughtBy: [stream, 'what is no new message'],
  },
  {
    name: 'a projection gives up soon: what is behind it in the shard waits',
    file: consumer,
    find: '{ ...deps, retryBudget }',
    replace: 'deps',
    caughtBy: ['test/table/poison.test.ts', 'a projection that loses every race'],
  },
  {
    name: 'no log line carries a message',
    file: 'handlers/middleware/telemetry.ts',
    find: 'return { name, message, stack,',
    replace: 'return { ...error, name, message, stack,',
    caughtBy: [safeguards, 'the cause of a failure is logged without the items'],
  },
];
