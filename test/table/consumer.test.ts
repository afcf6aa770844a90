import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { User } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import { headKey, userKey } from '../../core/table/items.ts';
import { seedItems } from '../../seeds/index.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { lambdaContext } from '../support/events.ts';
import { stubLambdaEnvironment } from '../support/lambda-environment.ts';
import { insertOf, newMessage } from '../support/stream-record.ts';
import { dump, newTable } from '../support/table.ts';
import { type World, world } from '../support/world.ts';

let table: Table;
let w: World;
let deliver: (records: unknown[]) => Promise<DynamoDBBatchResponse>;
let lines: string[];

beforeAll(async () => {
  const endpoint = dynamodbEndpoint;
  table = await newTable(endpoint);
  w = world(table);
  stubLambdaEnvironment(table, endpoint);
  const { handler } = await import('../../handlers/stream/project-inbox.ts');
  deliver = async (Records) => {
    const context = lambdaContext('project-inbox');
    return (await handler({ Records: Records as DynamoDBRecord[] }, context)) as DynamoDBBatchResponse;
  };
});

beforeEach(() => {
  lines = [];
  // Powertools writes through a console of its own, to these.
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  }
});

afterEach(() => {
  vi.restoreAllMocks();
});

const failures = (response: DynamoDBBatchResponse) =>
  response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
const pairOfPeople = async (): Promise<[User, User]> => [await w.given.user(), await w.given.user()];
const number = (record: DynamoDBRecord) => record.dynamodb?.SequenceNumber;

test('a hundred records of one conversation are one projection', async () => {
  const [ada, bob] = await pairOfPeople();
  const records = [newMessage(await w.when.sends(ada, bob, 'first'))];
  for (let n = 0; n < 99; n++) records.push(newMessage(await w.when.sends(bob, ada, `m${n}`)));
  expect(failures(await deliver(records))).toEqual([]);
  expect((await w.then.inbox(ada))[0]).toMatchObject({ message: 'm98', unread_count: 99 });
  const [head] = await dump(table, `HEAD#${(await w.then.inbox(ada))[0]?.message_group_uuid}`);
  expect(head?.rows_rev).toBe(1);
});

test('a conversation that cannot be projected is reported after all others were', async () => {
  const [ada, bob] = await pairOfPeople();
  const [cy, dan] = await pairOfPeople();
  const broken = await w.when.sends(ada, bob, 'broken');
  const again = await w.when.sends(bob, ada, 'broken too');
  const fine = await w.when.sends(cy, dan, 'fine');
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: headKey(broken.message_group_uuid) }));
  const records = [newMessage(broken), newMessage(fine), newMessage(again)];
  expect(failures(await deliver(records))).toEqual([number(records[2] as DynamoDBRecord)]);
  expect(await w.then.inbox(dan)).toHaveLength(1);
});

test('a record that cannot be read is reported, and holds up nobody', async () => {
  const [ada, bob] = await pairOfPeople();
  const unreadable = insertOf({ pk: 'MSG#x', sk: 'y', message_group_uuid: 'not a uuid' });
  const fine = newMessage(await w.when.sends(ada, bob, 'fine'));
  expect(failures(await deliver([unreadable, fine, {}]))).toEqual([number(unreadable), '']);
  expect(await w.then.inbox(bob)).toHaveLength(1);
});

test('what is no new message is let be, though the filter let it through', async () => {
  const [ada, bob] = await pairOfPeople();
  const message = await w.when.sends(ada, bob, 'hidden from it');
  const changed = { ...newMessage(message), eventName: 'MODIFY' };
  const other = insertOf({ ...userKey(ada.user_uuid) });
  expect(failures(await deliver([changed, other]))).toEqual([]);
  expect(await w.then.inbox(bob)).toEqual([]);
});

test('a captured record is read, and the factory makes the same', async () => {
  const path = resolve(import.meta.dirname, '../events/new-message.json');
  const [captured] = JSON.parse(readFileSync(path, 'utf8')).Records as DynamoDBRecord[];
  const item = seedItems().find(({ seq }) => seq === 48) ?? {};
  const made = insertOf(item);
  const shape = ({ dynamodb, ...record }: DynamoDBRecord) => ({
    ...record,
    eventID: expect.any(String),
    eventSourceARN: expect.stringMatching(/^arn:aws:dynamodb:/),
    dynamodb: { ...dynamodb, SequenceNumber: expect.stringMatching(/^\d+$/), SizeBytes: expect.any(Number) },
  });
  expect(captured).toEqual(shape(made));
});

test('no log line carries the text of a message', async () => {
  const [ada, bob] = await pairOfPeople();
  const secret = 'between the two of us';
  const fine = newMessage(await w.when.sends(ada, bob, secret));
  const broken = await w.when.sends(bob, ada, secret);
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: headKey(broken.message_group_uuid) }));
  await deliver([fine, newMessage(broken), insertOf({ pk: 'MSG#', sk: '', message: secret })]);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.join('\n')).not.toContain(secret);
});
