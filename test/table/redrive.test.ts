import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-dynamodb-streams';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openStreams, RecordsLostError, readRange } from '../../admin/table/stream-reader.ts';
import { failureFile } from '../../bin/console/failure-file.ts';
import type { Message } from '../../core/model/message.ts';
import type { Table } from '../../core/table/client.ts';
import { headKey, type Item } from '../../core/table/items.ts';
import { failureMessage } from '../../offline/stream/failures.ts';
import { run, runInProcess } from '../support/command.ts';
import { start } from '../support/doctor-fixture.ts';
import { FakeQueue } from '../support/fake-queue.ts';
import { FakeStreams } from '../support/fake-streams-server.ts';
import { freePort } from '../support/free-port.ts';
import { dynamodbEndpoint } from '../support/own-database.ts';
import { clockAt, type Scenario, scenario } from '../support/scenario.ts';
import { dump, load, localConfig, newTable } from '../support/table.ts';

const endpoint = dynamodbEndpoint;
const stream = openStreams(localConfig(endpoint));
const place = { streamArn: '', shardId: '' };

let table: Table;
let s: Scenario;
let file: string;
let folder: string;

beforeAll(async () => {
  table = await newTable(endpoint, { withStream: true });
  s = scenario(table);
  const described = await table.client.send(new DescribeTableCommand({ TableName: table.name }));
  place.streamArn = described.Table?.LatestStreamArn as string;
  const { StreamDescription } = await stream.send(new DescribeStreamCommand({ StreamArn: place.streamArn }));
  place.shardId = StreamDescription?.Shards?.[0]?.ShardId as string;
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'redrive-'));
  mkdirSync(join(folder, 'failures'));
  file = join(folder, 'failures/projectInbox.jsonl');
});

afterEach(() => rmSync(folder, { recursive: true }));

const environment = () => ({ DYNAMODB_PORT: new URL(endpoint).port, DYNAMODB_PATH: folder });
const redrive = (args: string[], env: Record<string, string> = {}) =>
  runInProcess(['bin/stream', 'redrive', ...args], { ...environment(), ...env });

const leftIn = () => readFileSync(file, 'utf8').split('\n').filter(Boolean);

/** The sequence number of a message in the real stream. */
async function sequenceNumberOf({ message_uuid }: Message, { streamArn, shardId } = place): Promise<string> {
  const from = { StreamArn: streamArn, ShardId: shardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
  let { ShardIterator } = await stream.send(new GetShardIteratorCommand(from));
  while (ShardIterator) {
    const { Records = [], NextShardIterator } = await stream.send(new GetRecordsCommand({ ShardIterator }));
    const found = Records.find(({ dynamodb }) => dynamodb?.NewImage?.message_uuid?.S === message_uuid);
    if (found) return found.dynamodb?.SequenceNumber as string;
    ShardIterator = Records.length > 0 ? NextShardIterator : undefined;
  }
  throw new Error('the stream has no such message');
}

/** The message at the failure destination for records that were given up together. */
async function failureOf(messages: Message[], replaced: object = {}): Promise<string> {
  const numbers = await Promise.all(messages.map((message) => sequenceNumberOf(message)));
  const records = numbers.map((sequenceNumber) => ({ sequenceNumber, createdAt: 0 }));
  const origin = { functionName: 'projectInbox', region: 'us-east-1', ...place, ...replaced };
  return JSON.stringify(failureMessage({ records, condition: 'RetryAttemptsExhausted', invokeCount: 4 }, origin, 0));
}

async function newPair() {
  return [await s.given.user(), await s.given.user()] as const;
}

/** A conversation that cannot be projected until `repair` restores its head. */
async function poisoned() {
  const [ada, bob] = await newPair();
  const messages = [await s.when.sends(ada, bob, 'one'), await s.when.sends(bob, ada, 'two')] as const;
  const conversation = messages[0].message_group_uuid;
  const [head] = (await dump(table, `HEAD#${conversation}`)) as [Item];
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: headKey(conversation) }));
  return { ada, conversation, messages: [...messages], repair: () => load(table, [head]) };
}

describe('a redrive after a repair', () => {
  test('projects the conversation and removes its failure, and a repetition changes nothing', async () => {
    const { ada, messages, repair } = await poisoned();
    const line = await failureOf(messages);
    writeFileSync(file, `${line}\n`);
    await repair();
    const { code, stdout } = await run(['bin/stream', 'redrive', '--json'], environment()); // finds the file by DYNAMODB_PATH
    expect(JSON.parse(stdout)).toEqual({ done: 1, conversations: 1, written: 1, left: [] });
    expect(code).toBe(0);
    expect(await s.then.inbox(ada)).toMatchObject([{ message: 'two', unread_count: 1 }]);
    expect(leftIn()).toEqual([]);

    const before = await dump(table);
    expect((await redrive([file])).code).toBe(0); // nothing is left
    writeFileSync(file, `${line}\n${line}\n`);
    const again = await redrive([file, '--json']);
    expect(JSON.parse(again.stdout)).toEqual({ done: 2, conversations: 2, written: 0, left: [] });
    expect(leftIn()).toEqual([]);
    expect(await dump(table)).toEqual(before);
  });

  test('projects each conversation that has a new message in the range exactly once', async () => {
    const one = await poisoned();
    const [cy, dan] = await newPair();
    const fine = await s.when.sends(cy, dan, 'fine');
    await s.when.projected(fine.message_group_uuid);
    const two = await poisoned();
    writeFileSync(file, `${await failureOf([...one.messages, fine, ...two.messages])}\n`);
    await one.repair();
    await two.repair();
    const { code, stdout } = await redrive([file, '--json']);
    expect(JSON.parse(stdout)).toEqual({ done: 1, conversations: 3, written: 2, left: [] });
    expect(code).toBe(0);
  });
});

test('of three failures, the one that still fails stays, and names its conversation', async () => {
  const [one, two, three] = [await poisoned(), await poisoned(), await poisoned()];
  const lines = [await failureOf(one.messages), await failureOf(two.messages), await failureOf(three.messages)];
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  await one.repair();
  await three.repair();
  const { code, stdout } = await redrive([file, '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    done: 2,
    left: [{ result: 'failing', failed: [{ message_group_uuid: two.conversation }] }],
  });
  expect(leftIn()).toEqual([lines[1]]);
  expect(await s.then.inbox(three.ada)).toHaveLength(1);
  expect((await redrive([file])).stdout).toContain(two.conversation);
});

test('failures whose records have left the stream, and lines that Lambda did not write, are kept and reported', async () => {
  const { messages, repair } = await poisoned();
  const lines = [
    await failureOf(messages, { streamArn: place.streamArn.replace(/[^/]+$/, '2020-01-01T00:00:00.000') }),
    await failureOf(messages, { shardId: 'shardId-00000000000000000000-deadbeef' }),
    'not JSON',
    '{"DDBStreamBatchInfo":{}}',
  ];
  await repair();
  writeFileSync(file, `${[...lines, await failureOf(messages)].join('\n')}\n`);
  const { code, stdout } = await redrive([file, '--json']);
  const results = JSON.parse(stdout).left.map(({ result }: { result: string }) => result);
  expect(results).toEqual(['gone', 'gone', 'unreadable', 'unreadable']);
  expect(code).toBe(1);
  expect(leftIn()).toEqual(lines);
  expect((await redrive([file])).stdout).toContain('--repair');
});

test('with --drop-gone, what can never be redriven goes once the doctor finds no violation', async () => {
  const own = await newTable(endpoint);
  const { given, when } = scenario(own, { now: clockAt(start).now }); // older than the time that rows may lag
  const [ada, bob] = [await given.user(), await given.user()];
  await when.sends(ada, bob, 'one');
  const { message_group_uuid } = await when.sends(bob, ada, 'two'); // the rows still show the first message
  const streamArn = `arn:aws:dynamodb:us-east-1:000000000000:table/${own.name}/stream/2020-01-01T00:00:00.000`;
  const startSequenceNumber = '1'.padStart(21, '0');
  const shardId = 'shardId-00000000000000000000-deadbeef';
  const range = { streamArn, shardId, startSequenceNumber, endSequenceNumber: startSequenceNumber };
  const failures = [JSON.stringify({ DDBStreamBatchInfo: range }), 'not JSON'];
  writeFileSync(file, failures.map((line) => `${line}\n`).join(''));
  const drop = async () => {
    const env = { DYNAMODB_PORT: new URL(endpoint).port };
    return runInProcess(['bin/stream', 'redrive', file, '--drop-gone', '--json', '--table', own.name], env);
  };
  const damaged = await drop();
  expect(damaged).toMatchObject({ code: 1, stderr: '' });
  expect(JSON.parse(damaged.stdout)).toMatchObject({
    dropped: 0,
    left: [{ result: 'gone' }, { result: 'unreadable' }],
  });
  expect(JSON.parse(damaged.stdout).violations).toBeGreaterThan(0);
  expect(leftIn()).toEqual(failures);

  await when.projected(message_group_uuid);
  const sound = await drop();
  expect(JSON.parse(sound.stdout)).toMatchObject({ dropped: 2, violations: 0, left: [] });
  expect(sound.code).toBe(0);
  expect(leftIn()).toEqual([]);
});

test('with --repair, one command does all that a long stall needs', async () => {
  const own = await newTable(endpoint, { withStream: true });
  const described = await own.client.send(new DescribeTableCommand({ TableName: own.name }));
  const streamArn = described.Table?.LatestStreamArn as string;
  const { StreamDescription } = await stream.send(new DescribeStreamCommand({ StreamArn: streamArn }));
  const shardId = StreamDescription?.Shards?.[0]?.ShardId as string;
  const { given, when, then } = scenario(own, { now: clockAt(start).now }); // older than the time that rows may lag
  const began = async () => {
    const [ada, bob] = [await given.user(), await given.user()];
    await when.sends(ada, bob, 'one');
    const last = await when.sends(bob, ada, 'two'); // the rows still show the first message
    return { ada, last };
  };
  // Of one conversation the stream kept no record and Lambda wrote no message, of one it wrote a message, and one has lost its head.
  const [forgotten, gone, headless] = [await began(), await began(), await began()];
  await own.client.send(new DeleteCommand({ TableName: own.name, Key: headKey(headless.last.message_group_uuid) }));
  const lineOf = (at: object, sequenceNumber: string) => {
    const origin = { functionName: 'projectInbox', region: 'us-east-1', streamArn, shardId, ...at };
    const records = [{ sequenceNumber, createdAt: 0 }];
    return JSON.stringify(failureMessage({ records, condition: 'RecordAgeExceeded', invokeCount: 0 }, origin, 0));
  };
  const ofGone = lineOf({ streamArn: streamArn.replace(/[^/]+$/, '2020-01-01T00:00:00.000') }, '1'.padStart(21, '0'));
  const ofHeadless = lineOf({}, await sequenceNumberOf(headless.last, { streamArn, shardId }));
  writeFileSync(file, `${ofGone}\n${ofHeadless}\n`);
  const all = (...options: string[]) => redrive([file, '--json', '--table', own.name, ...options]);

  const without = JSON.parse((await all()).stdout);
  expect(without.left.map(({ result }: { result: string }) => result)).toEqual(['gone', 'failing']);
  const { code, stdout, stderr } = await all('--repair');
  const { repaired, ...rest } = JSON.parse(stdout);
  expect({ code, stderr, ...rest }).toMatchObject({
    code: 0,
    stderr: '',
    done: 1,
    dropped: 1,
    violations: 0,
    left: [],
  });
  expect(repaired).toBeGreaterThan(0);
  expect(leftIn()).toEqual([]);
  for (const { ada } of [forgotten, gone])
    expect(await then.inbox(ada)).toMatchObject([{ message: 'two', unread_count: 1 }]);
  expect(await then.inbox(headless.ada)).toMatchObject([{ message: 'two' }]); // what was read is lost with the head

  const again = JSON.parse((await all('--repair')).stdout);
  expect(again).toMatchObject({ done: 0, dropped: 0, violations: 0, repaired: 0, left: [] });
});

describe('reading a range', () => {
  const fake = new FakeStreams();
  const fakeStream = () => openStreams({ ...localConfig(`http://127.0.0.1:${fake.port}`), maxAttempts: 1 });
  const number = (n: number) => String(n).padStart(21, '0');
  const read = async (start: number, end: number) => {
    const numbers: number[] = [];
    const range = { startSequenceNumber: number(start), endSequenceNumber: number(end) };
    const place = { streamArn: fake.streamArn as string, shardId: 's-0' };
    for await (const page of readRange(fakeStream(), { ...place, ...range }, 3))
      for (const record of page) {
        numbers.push(Number((record as { dynamodb: { SequenceNumber: string } }).dynamodb.SequenceNumber));
      }
    return numbers;
  };

  test('returns exactly its records, and fails with RecordsLostError if some have left the stream', async () => {
    fake.createTable('s');
    for (let n = 1; n <= 9; n++) fake.write('s-0', 'key', `${n}`);
    await fake.start();
    expect(await read(3, 6)).toEqual([3, 4, 5, 6]);
    expect(await read(9, 9)).toEqual([9]);
    await expect(read(8, 12)).rejects.toThrow(RecordsLostError);
    fake.closeShard('s-0');
    await expect(read(8, 12)).rejects.toThrow(RecordsLostError);
    fake.trim('s-0', 4);
    await expect(read(3, 6)).rejects.toThrow(RecordsLostError);
    expect(await read(5, 6)).toEqual([5, 6]);
    fake.forgetShard('s-0');
    await expect(read(5, 6)).rejects.toThrow(RecordsLostError);
    await fake.stop();
    await expect(read(5, 6)).rejects.not.toThrow(RecordsLostError); // an outage is a different error
  });
});

test('lines that a running stack appends during a redrive stay', async () => {
  writeFileSync(file, '{"n":1}\n{"n":2}\n{"n":1}\n');
  for await (const { body, remove } of failureFile(file).messages()) {
    if ((body as { n: number }).n === 2) {
      await remove();
      appendFileSync(file, '{"n":2}\n{"n":3}\n');
    }
  }
  expect(leftIn()).toEqual(['{"n":1}', '{"n":1}', '{"n":2}', '{"n":3}']);
});

test('without a database, a redrive prints one line, exits with 2, and removes nothing', async () => {
  const { messages } = await poisoned();
  const line = await failureOf(messages);
  writeFileSync(file, `${line}\n`);
  const { code, stdout, stderr } = await redrive([file], { DYNAMODB_PORT: String(await freePort()) });
  expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({ code: 2, stdout: '', lines: 1 });
  expect(leftIn()).toEqual([line]);
});

test('a redrive without failures exits with 0', async () => {
  expect((await redrive([])).code).toBe(0);
});

describe('a redrive of the queue in AWS', () => {
  const queue = new FakeQueue();
  let url: string;
  beforeAll(async () => {
    url = await queue.start();
  });
  afterAll(() => queue.stop());

  /** bin/stream, for the table of this file. */
  const redriveQueue = (...args: string[]) =>
    runInProcess(['bin/stream', 'redrive', '--stage', 'test', '--queue-url', url, '--table', table.name, ...args], {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL: new URL(url).origin,
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_ENDPOINT_URL_DYNAMODB_STREAMS: endpoint,
    });

  test('deletes the messages that succeed, and leaves the others to the next run', async () => {
    const [one, two] = [await poisoned(), await poisoned()];
    await one.repair();
    const bodies = [await failureOf(one.messages), await failureOf(two.messages)] as const;
    for (const body of bodies) queue.add(body);
    const first = await redriveQueue('--json');
    expect(JSON.parse(first.stdout)).toMatchObject({ done: 1, written: 1, left: [{ result: 'failing' }], waiting: 0 });
    expect(first.code).toBe(1);
    expect(queue.visible).toEqual([bodies[1]]);
    await two.repair();
    const second = await redriveQueue('--json');
    expect(JSON.parse(second.stdout)).toMatchObject({ done: 1, written: 1, left: [], waiting: 0 });
    expect(second.code).toBe(0);
    expect(queue.visible).toEqual([]);
  });

  test('does not say that nothing is left while messages are hidden', async () => {
    queue.add('{}', { isHidden: true });
    const { code, stdout } = await redriveQueue();
    expect(code).toBe(1);
    expect(stdout).toContain('1 more message is in the queue');
    expect(stdout).not.toContain('nothing to redrive');
    queue.showAll();
    expect(JSON.parse((await redriveQueue('--json')).stdout)).toMatchObject({ left: [{ result: 'unreadable' }] });
  });

  test('never drops a message about another table', async () => {
    const empty = await newTable(endpoint);
    const foreign = JSON.stringify({ DDBStreamBatchInfo: { streamArn: place.streamArn } });
    queue.add('not JSON');
    queue.add(foreign);
    const { code, stdout } = await redriveQueue('--json', '--drop-gone', '--table', empty.name);
    expect(JSON.parse(stdout)).toMatchObject({ left: [{ result: 'foreign', table: table.name }], violations: 0 });
    expect(code).toBe(1);
    expect(queue.visible).toEqual([foreign]);
  });
});
