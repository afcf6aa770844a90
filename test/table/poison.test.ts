import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import type { Message } from '../../core/model/message.ts';
import type { Table } from '../../core/table/client.ts';
import { headKey } from '../../core/table/items.ts';
import { Progress } from '../../offline/stream/checkpoint.ts';
import { type EventSource, eventSources } from '../../offline/stream/event-sources.ts';
import { appendFailure, failureMessage } from '../../offline/stream/failures.ts';
import { Lane, type ReadRecord } from '../../offline/stream/lane.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { lambdaContext } from '../support/events.ts';
import { stubLambdaEnvironment } from '../support/lambda-environment.ts';
import { type Scenario, scenario } from '../support/scenario.ts';
import { messageRecord } from '../support/stream-record.ts';
import { dump, newTable } from '../support/table.ts';

// A "poison" conversation, whose projection always fails, delivered to the real function with the settings of serverless.yml.

let table: Table;
let s: Scenario;
let handlersTable: Table;
let invoke: (records: DynamoDBRecord[]) => Promise<DynamoDBBatchResponse>;
const measurements: string[] = [];

const { functions } = parse(readFileSync(resolve(import.meta.dirname, '../../serverless.yml'), 'utf8'), {
  logLevel: 'error', // !GetAtt
});
const [source] = eventSources({ projectInbox: functions.projectInbox }) as [EventSource];

beforeAll(async () => {
  const endpoint = dynamodbEndpoint;
  table = await newTable(endpoint);
  s = scenario(table);
  stubLambdaEnvironment(table, endpoint);
  const { handler } = await import('../../handlers/stream/project-inbox.ts');
  handlersTable = (await import('../../handlers/deps.ts')).deps.table;
  const context = lambdaContext('project-inbox');
  invoke = async (Records) => (await handler({ Records }, context)) as unknown as DynamoDBBatchResponse;
});

beforeEach(() => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
});

afterEach(() => {
  vi.restoreAllMocks();
});

afterAll(() => {
  for (const line of measurements) console.info(line);
});

async function conversation(length: number): Promise<Message[]> {
  const [one, other] = [await s.given.user(), await s.given.user()];
  const messages: Message[] = [];
  for (let n = 1; n <= length; n++) messages.push(await s.when.sends(one, other, `m${n}`));
  return messages;
}

const uuidOf = ([message]: Message[]) => (message as Message).message_group_uuid;

/** The number of these conversations whose two rows are at the newest message. */
async function countProjected(conversations: Message[][]): Promise<number> {
  const rows = await dump(table, 'GRP#');
  return conversations.filter((messages) => {
    const mine = rows.filter(({ message_group_uuid }) => message_group_uuid === uuidOf(messages));
    return mine.length === 2 && mine.every(({ message }) => message === messages.at(-1)?.message);
  }).length;
}

test('a poison conversation delays no other in its batch, delays later batches only briefly, and ends at the failure destination', async () => {
  const poison = await conversation(12);
  const healthy = await Promise.all(Array.from({ length: 44 }, () => conversation(2)));
  const behind = await Promise.all(Array.from({ length: 5 }, () => conversation(2)));
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: headKey(uuidOf(poison)) }));

  // a batch of 100, in which the poison's last message comes so early that the rest is bisected seven times
  const others = healthy.flat().map(messageRecord);
  const batch = poison.flatMap((message, n) => [messageRecord(message), ...others.slice(n * 2, n * 2 + 2)]);
  batch.push(...others.slice(poison.length * 2));
  expect(batch).toHaveLength(source.batchSize);

  const stateFolder = mkdtempSync(join(tmpdir(), 'poison-'));
  const origin = { functionName: 'projectInbox', region: 'us-east-1', streamArn: 'arn', shardId: 'shard' };
  const finished: string[] = [];
  const calls: { failed: boolean }[] = [];
  let projectedAtFirstReport = 0;
  const lane = new Lane(source, {
    now: () => performance.now(),
    wait: (milliseconds) => wait(milliseconds),
    signal: new AbortController().signal,
    onTrouble: (error) => {
      throw error;
    },
    finished: (records) => finished.push(...records.map(({ sequenceNumber }) => sequenceNumber)),
    onFailure: (discarded) => appendFailure(stateFolder, 'projectInbox', failureMessage(discarded, origin, Date.now())),
    invoke: async (records) => {
      const response = await invoke(records.map(({ event }) => event));
      if (calls.length === 0) projectedAtFirstReport = await countProjected(healthy);
      calls.push({ failed: response.batchItemFailures.length > 0 });
      return { result: 'answered', response };
    },
  });
  const progress = new Progress();
  const records = [...batch, ...behind.flat().map(messageRecord)].map((event): ReadRecord => {
    const sequenceNumber = event.dynamodb?.SequenceNumber as string;
    const mark = progress.add(sequenceNumber, false);
    return { event, sequenceNumber, createdAt: 0, readAt: performance.now(), bytes: 1_000, mark };
  });
  const began = performance.now();
  lane.push(records);
  await lane.idle;
  const delay = performance.now() - began;

  expect(projectedAtFirstReport).toBe(healthy.length);
  expect(await countProjected(healthy)).toBe(healthy.length);
  expect(await countProjected(behind)).toBe(behind.length);
  expect(finished).toEqual(records.map(({ sequenceNumber }) => sequenceNumber));

  const lines = readFileSync(join(stateFolder, 'failures/projectInbox.jsonl'), 'utf8').trim().split('\n');
  rmSync(stateFolder, { recursive: true });
  expect(lines).toHaveLength(1); // one of the twelve poison messages of the batch stands for all
  const [last] = batch.filter(({ dynamodb }) => dynamodb?.NewImage?.message_group_uuid?.S === uuidOf(poison)).slice(-1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    requestContext: { condition: 'RetryAttemptsExhausted' },
    DDBStreamBatchInfo: {
      startSequenceNumber: last?.dynamodb?.SequenceNumber,
      endSequenceNumber: last?.dynamodb?.SequenceNumber,
      batchSize: 1,
    },
  });

  const failedCalls = calls.filter(({ failed }) => failed).length;
  measurements.push(
    `poison: ${failedCalls} of ${calls.length} calls failed, later batches waited ${delay.toFixed(0)} ms`,
  );
  expect(failedCalls).toBeLessThanOrEqual(mostFailingCalls);
  expect(delay).toBeLessThan(10_000); // 0.7 s of pauses, plus the load of this machine
});

// One for the batch, one per bisection down to one record, and the retries of that record. See handlers/stream/project-inbox.ts.
const mostFailingCalls = 1 + (1 + Math.ceil(Math.log2(source.batchSize))) + source.maximumRetries;

test('a projection that loses every race ends within its retry budget, long before later records expire', async () => {
  const [poison, fine] = [await conversation(2), await conversation(2)];
  handlersTable.client.middlewareStack.add(
    (next) => (args) => {
      if (!JSON.stringify(args.input).includes(`HEAD#${uuidOf(poison)}`) || !('TransactItems' in args.input))
        return next(args);
      throw new TransactionCanceledException({
        message: 'cancelled',
        CancellationReasons: [{ Code: 'TransactionConflict' }],
        $metadata: {},
      });
    },
    { name: 'loser' },
  );
  const records = [...poison, ...fine].map(messageRecord);
  const began = performance.now();
  const { batchItemFailures } = await invoke(records);
  const took = performance.now() - began;
  handlersTable.client.middlewareStack.remove('loser');

  expect(batchItemFailures).toEqual([{ itemIdentifier: records[1]?.dynamodb?.SequenceNumber }]);
  expect(await countProjected([fine])).toBe(1);
  const longest = mostFailingCalls * took + 1_000;
  measurements.push(
    `poison that loses every race: ${took.toFixed(0)} ms a call, ${mostFailingCalls} calls at most, ${(longest / 1000).toFixed(0)} s in all`,
  );
  expect(took).toBeLessThan(5_000); // a retry budget of 2 s, plus the load of this machine; the default budget would take 6 s
  expect(longest).toBeLessThan(source.maximumAgeMs / 100); // test/unit/offline/stall.test.ts: whole batches of poison
});
