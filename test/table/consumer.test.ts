import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Timestamp } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import { headKey, type Key, messageKey, userKey } from '../../core/table/items.ts';
import { seedItems } from '../../seeds/index.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { lambdaContext } from '../support/events.ts';
import { stubLambdaEnvironment } from '../support/lambda-environment.ts';
import { originalMessage } from '../support/originals.ts';
import { type Scenario, scenario } from '../support/scenario.ts';
import { insertRecord, messageRecord } from '../support/stream-record.ts';
import { dump, newTable } from '../support/table.ts';

let table: Table;
let s: Scenario;
let deliver: (records: unknown[]) => Promise<DynamoDBBatchResponse>;
let lines: string[];

beforeAll(async () => {
  const endpoint = dynamodbEndpoint;
  table = await newTable(endpoint);
  s = scenario(table);
  stubLambdaEnvironment(table, endpoint);
  const { handler } = await import('../../handlers/stream/project-inbox.ts');
  deliver = async (Records) => {
    const context = lambdaContext('project-inbox');
    return (await handler({ Records: Records as DynamoDBRecord[] }, context)) as DynamoDBBatchResponse;
  };
});

beforeEach(() => {
  lines = [];
  // Powertools writes to these directly, not through the global console.
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  }
});

afterEach(() => {
  vi.restoreAllMocks();
});

const failures = (response: DynamoDBBatchResponse) =>
  response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
const newPair = async (): Promise<[User, User]> => [await s.given.user(), await s.given.user()];
const number = (record: DynamoDBRecord) => record.dynamodb?.SequenceNumber;

test('a batch with a hundred records of one conversation runs one projection', async () => {
  const [ada, bob] = await newPair();
  const records = [messageRecord(await s.when.sends(ada, bob, 'first'))];
  for (let n = 0; n < 99; n++) records.push(messageRecord(await s.when.sends(bob, ada, `m${n}`)));
  expect(failures(await deliver(records))).toEqual([]);
  expect((await s.then.inbox(ada))[0]).toMatchObject({ message: 'm98', unread_count: 99 });
  const [head] = await dump(table, `HEAD#${(await s.then.inbox(ada))[0]?.message_group_uuid}`);
  expect(head?.rows_rev).toBe(2); // the first contact wrote the rows once
});

test('a conversation that cannot be projected is reported, and the others of its batch are projected', async () => {
  const [ada, bob] = await newPair();
  const [cy, dan] = await newPair();
  const broken = await s.when.sends(ada, bob, 'broken');
  const again = await s.when.sends(bob, ada, 'broken too');
  const fine = await s.when.sends(cy, dan, 'fine');
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: headKey(broken.message_group_uuid) }));
  const records = [messageRecord(broken), messageRecord(fine), messageRecord(again)];
  expect(failures(await deliver(records))).toEqual([number(records[2] as DynamoDBRecord)]);
  expect(await s.then.inbox(dan)).toHaveLength(1);
});

test('a record of a message that the head does not count yet is reported as failed, so that Lambda delivers it again', async () => {
  const [ada, bob] = await newPair();
  const message = await s.when.sends(ada, bob, 'first');
  const later = messageRecord({
    ...message,
    created_at: '2199-12-31T23:59:59.999999+00:00' as typeof message.created_at,
  });
  expect(failures(await deliver([later, messageRecord(message)]))).toHaveLength(1);
});

test('an unreadable record is reported, and the others of its batch are projected', async () => {
  const [ada, bob] = await newPair();
  const unreadable = insertRecord({ pk: 'MSG#x', sk: 'y', message_group_uuid: 'not a uuid', seq: 1 });
  const fine = messageRecord(await s.when.sends(ada, bob, 'fine'));
  expect(failures(await deliver([unreadable, fine, {}]))).toEqual([number(unreadable), '']);
  expect(await s.then.inbox(bob)).toHaveLength(1);
});

test('a message of the original service is not reported as failed, since no retry could project it', async () => {
  const [ada, bob] = await newPair();
  const fine = messageRecord(await s.when.sends(ada, bob, 'fine'));
  const original = insertRecord(originalMessage(randomUUID(), ada, '2023-03-24T05:45:01.561513-04:00', 'no number'));
  expect(failures(await deliver([original, fine]))).toEqual([]);
});

test('a record other than of a new or changed message is ignored, even if the filter let it through', async () => {
  const [ada, bob] = await newPair();
  await s.when.sends(ada, bob, 'first');
  const message = await s.when.sends(ada, bob, 'not delivered as an INSERT');
  const { NewImage: _, ...removal } = messageRecord(message).dynamodb ?? {};
  const removed = { ...messageRecord(message), eventName: 'REMOVE', dynamodb: removal };
  const other = insertRecord({ ...userKey(ada.user_uuid), seq: 1 }); // numbered: it is ignored for its key
  expect(failures(await deliver([removed, other]))).toEqual([]);
  expect(await s.then.inbox(bob)).toMatchObject([{ message: 'first' }]);
});

test('a changed message is shown as it is now, although the rows show the newest message already', async () => {
  const [ada, bob] = await newPair();
  const message = await s.when.sends(ada, bob, 'frist');
  const record = messageRecord({ ...message, message: 'first' });
  const change = (Key: Key, name: string, value: unknown) =>
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key,
        UpdateExpression: 'SET #name = :value',
        ExpressionAttributeNames: { '#name': name },
        ExpressionAttributeValues: { ':value': value },
      }),
    );
  await change(messageKey(message.message_group_uuid, message.created_at), 'message', 'first');
  await change(headKey(message.message_group_uuid), 'version', 1);
  expect(failures(await deliver([{ ...record, eventName: 'MODIFY' }]))).toEqual([]);
  const rows = async () => (await s.then.inbox(bob)).map(({ message, rows_rev }) => [message, rows_rev]);
  expect(await rows()).toEqual([['first', 2]]);
  expect(failures(await deliver([{ ...record, eventName: 'MODIFY' }]))).toEqual([]); // once more
  expect(await rows()).toEqual([['first', 2]]);
});

test('the test helper insertRecord makes the same record as one captured from DynamoDB', async () => {
  const path = resolve(import.meta.dirname, '../events/new-message.json');
  const [captured] = JSON.parse(readFileSync(path, 'utf8')).Records as DynamoDBRecord[];
  const loadedAt = '2024-11-03T18:54:11.250731+00:00' as Timestamp; // when the record was captured
  const item = seedItems(loadedAt).find(({ seq }) => seq === 48) ?? {};
  const made = insertRecord(item);
  const shape = ({ dynamodb, ...record }: DynamoDBRecord) => ({
    ...record,
    eventID: expect.any(String),
    eventSourceARN: expect.stringMatching(/^arn:aws:dynamodb:/),
    dynamodb: { ...dynamodb, SequenceNumber: expect.stringMatching(/^\d+$/), SizeBytes: expect.any(Number) },
  });
  expect(captured).toEqual(shape(made));
});

test('no log line contains the text of a message', async () => {
  const [ada, bob] = await newPair();
  const secret = 'between the two of us';
  const fine = messageRecord(await s.when.sends(ada, bob, secret));
  const broken = await s.when.sends(bob, ada, secret);
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: headKey(broken.message_group_uuid) }));
  await deliver([fine, messageRecord(broken), insertRecord({ pk: 'MSG#', sk: '', message: secret, seq: 1 })]);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.join('\n')).not.toContain(secret);
});
