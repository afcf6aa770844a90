import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { localCredentials } from '../../offline/settings.ts';
import { type EventSource, eventSources } from '../../offline/stream/event-sources.ts';
import { type Poller, startPoller } from '../../offline/stream/poller.ts';
import { dynamodbEndpoint } from '../support/own-database.ts';

const endpoint = dynamodbEndpoint;
const database = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: localCredentials });
afterAll(() => database.destroy());

let TableName: string;
let stateFolder: string;
let poller: Poller | undefined;
let records: DynamoDBRecord[];
let warnings: string[];

beforeEach(async () => {
  TableName = `stream-${randomUUID()}`;
  stateFolder = mkdtempSync(join(tmpdir(), 'stream-table-'));
  records = [];
  warnings = [];
  await createTable();
});

afterEach(async () => {
  await poller?.stop();
  rmSync(stateFolder, { recursive: true });
  await database.send(new DeleteTableCommand({ TableName }));
});

const until = (condition: () => void) => vi.waitFor(condition, { timeout: 30_000, interval: 2 });
const names = () => records.map((record) => record.dynamodb?.Keys?.sk?.S);

async function createTable() {
  await database.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
}

function start(stream: object = {}, onDisk = false): Poller {
  const sources = eventSources({ project: { events: [{ stream: { arn: 'x', batchSize: 100, ...stream } }] } });
  poller = startPoller({
    settings: {
      tableName: TableName,
      region: 'us-east-1',
      stateFolder,
      onDisk,
      ports: { dynamodb: Number(new URL(endpoint).port) },
    },
    sources: sources as [EventSource],
    invoke: async (_, batch) => {
      records.push(...batch);
      return { result: 'answered', response: null };
    },
    warn: (line) => warnings.push(line),
  });
  return poller;
}

const put = (pk: string, sk: string, rest = {}) =>
  database.send(new PutItemCommand({ TableName, Item: { pk: { S: pk }, sk: { S: sk }, ...rest } }));

test('changes of an item arrive in order, as records in the format of Lambda', async () => {
  await put('MSG#a', '1', { bytes: { B: new Uint8Array([1, 2, 3]) } });
  start();
  await put('MSG#a', '1');
  await database.send(new DeleteItemCommand({ TableName, Key: { pk: { S: 'MSG#a' }, sk: { S: '1' } } }));
  await until(() => expect(records).toHaveLength(3));
  expect(records.map((record) => record.eventName)).toEqual(['INSERT', 'MODIFY', 'REMOVE']);
  const [inserted, modified, removed] = records;
  expect(inserted).toEqual({
    eventID: expect.any(String),
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    eventSourceARN: expect.stringContaining(`:table/${TableName}/stream/`),
    dynamodb: {
      ApproximateCreationDateTime: expect.any(Number),
      Keys: { pk: { S: 'MSG#a' }, sk: { S: '1' } },
      NewImage: { pk: { S: 'MSG#a' }, sk: { S: '1' }, bytes: { B: 'AQID' } },
      SequenceNumber: expect.stringMatching(/^\d{21}$/),
      SizeBytes: expect.any(Number),
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  });
  expect(modified?.dynamodb?.OldImage).toEqual(inserted?.dynamodb?.NewImage);
  expect(removed?.dynamodb).not.toHaveProperty('NewImage');
  const secondsAgo = Date.now() / 1000 - Number(inserted?.dynamodb?.ApproximateCreationDateTime);
  expect(secondsAgo).toBeGreaterThanOrEqual(0);
  expect(secondsAgo).toBeLessThan(180);
  expect(warnings).toEqual([]);
});

test('a record reaches the function within a fraction of a second', async () => {
  start({ filterPatterns: [{ eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix: 'MSG#' }] } } } }] });
  await put('MSG#a', 'first');
  await until(() => expect(records).toHaveLength(1));
  const delays: number[] = [];
  for (let index = 0; index < 25; index += 1) {
    await put('GRP#a', `${index}`); // excluded by the filter
    await put('MSG#a', `${index}`);
    const written = performance.now();
    await until(() => expect(names().at(-1)).toBe(`${index}`));
    delays.push(performance.now() - written);
  }
  const median = [...delays].sort((one, other) => one - other)[12];
  console.info(`write to function: median ${median?.toFixed(0)} ms, longest ${Math.max(...delays).toFixed(0)} ms`);
  expect(median).toBeLessThan(150); // on a busy machine; AWS itself polls four times a second
  expect(records.every((record) => record.dynamodb?.Keys?.pk?.S === 'MSG#a')).toBe(true);
});

test('a backlog is delivered quickly, each record once, in order per key', async () => {
  const keys = ['a', 'b', 'c', 'd', 'e'];
  const perKey = 500;
  for (const key of keys) {
    for (let from = 0; from < perKey; from += 25) {
      const items = Array.from({ length: 25 }, (_, index) => ({
        PutRequest: {
          Item: { pk: { S: key }, sk: { S: String(from + index).padStart(5, '0') }, text: { S: 'x'.repeat(200) } },
        },
      }));
      await database.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: items } }));
    }
  }
  const began = performance.now();
  start({ parallelizationFactor: 2 });
  await until(() => expect(records.length).toBeGreaterThanOrEqual(keys.length * perKey));
  const rate = records.length / ((performance.now() - began) / 1000);
  console.info(`backlog: ${rate.toFixed(0)} records/s`);
  expect(records).toHaveLength(keys.length * perKey);
  for (const key of keys) {
    const mine = records.filter((record) => record.dynamodb?.Keys?.pk?.S === key);
    const sequence = mine.map((record) => String(record.dynamodb?.SequenceNumber));
    expect(sequence).toEqual([...sequence].sort());
  }
  expect(rate).toBeGreaterThan(500);
});

test('the poller follows a table that is dropped and created again', async () => {
  await put('MSG#a', 'old');
  start();
  await until(() => expect(names()).toEqual(['old']));
  await database.send(new DeleteTableCommand({ TableName }));
  await createTable();
  await put('MSG#a', 'new');
  await until(() => expect(names()).toEqual(['old', 'new']));
});

test('a restart with the same state continues after the last delivered record', async () => {
  await put('MSG#a', '1');
  const first = start({}, true);
  await until(() => expect(names()).toEqual(['1']));
  await first.stop();
  await put('MSG#a', '2');
  start({}, true);
  await until(() => expect(names()).toEqual(['1', '2']));
});
