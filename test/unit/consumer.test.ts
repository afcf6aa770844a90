import type { DynamoDBRecord } from 'aws-lambda';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Consumer } from '../../handlers/stream/consumer.ts';
import { lambdaContext } from '../support/events.ts';
import { insertRecord } from '../support/stream-record.ts';

// The pipeline of all stream functions, with a consumer that projects nothing: it follows user items.

let consumer: typeof import('../../handlers/stream/consumer.ts')['consumer'];
beforeAll(async () => {
  vi.stubEnv('TABLE_NAME', 'none');
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'test');
  ({ consumer } = await import('../../handlers/stream/consumer.ts'));
});
afterAll(() => {
  vi.unstubAllEnvs();
});

const record = (user: string, n: number) => insertRecord({ pk: `USR#${user}`, sk: String(n) });
const userOf = ({ dynamodb }: DynamoDBRecord) => dynamodb?.Keys?.pk?.S?.split('#')[1];
const deliver = async (records: DynamoDBRecord[], handle: Consumer<string>['handle']) => {
  const handler = consumer<string>({
    subjectOf: userOf,
    handle,
    retryBudget: 100,
    metrics: { written: 'UsersFollowed', failed: 'UsersFailed' },
    logAs: 'user_uuid',
  });
  const answer = await handler({ Records: records }, lambdaContext('test'));
  return (answer as { batchItemFailures: { itemIdentifier: string }[] }).batchItemFailures;
};

test('each subject of a batch is handled once, with the retry budget of the consumer', async () => {
  const handled: [string, number][] = [];
  const failures = await deliver([record('a', 1), record('b', 2), record('a', 3)], async (deps, subject) => {
    handled.push([subject, deps.retryBudget]);
    return true;
  });
  expect(handled).toEqual([
    ['a', 100],
    ['b', 100],
  ]);
  expect(failures).toEqual([]);
});

test('a subject that fails is reported by its last record, after every other subject was handled', async () => {
  const records = [record('a', 1), record('b', 2), record('a', 3)];
  const handled: string[] = [];
  const failures = await deliver(records, async (_, subject) => {
    if (subject === 'a') throw new Error('fails');
    handled.push(subject);
    return true;
  });
  expect(handled).toEqual(['b']);
  expect(failures).toEqual([{ itemIdentifier: records[2]?.dynamodb?.SequenceNumber }]);
});
