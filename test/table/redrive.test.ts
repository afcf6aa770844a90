import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-dynamodb-streams';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openStreams, RecordsLostError, readRange } from '../../admin/table/stream-reader.ts';
import { failureFile } from '../../bin/console/failure-file.ts';
import type { Message } from '../../core/model/message.ts';
import type { Table } from '../../core/table/client.ts';
import { headKey, type Item } from '../../core/table/items.ts';
import { failureMessage } from '../../offline/stream/failures.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { FakeStreams } from '../support/fake-streams-server.ts';
import { freePort } from '../support/free-port.ts';
import { dump, load, localConfig, newTable } from '../support/table.ts';
import { type World, world } from '../support/world.ts';

const endpoint = dynamodbEndpoint;
const repo = resolve(import.meta.dirname, '../..');
const stream = openStreams(localConfig(endpoint));
const place = { streamArn: '', shardId: '' };

let table: Table;
let w: World;
let file: string;
let folder: string;

beforeAll(async () => {
  table = await newTable(endpoint, { withStream: true });
  w = world(table);
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

/** bin/stream, as an operator runs it. */
async function redrive(args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn('bin/stream', ['redrive', ...args], {
    cwd: repo,
    env: { ...process.env, DYNAMODB_PORT: new URL(endpoint).port, DYNAMODB_PATH: folder, ...env },
  });
  const [out, err] = [child.stdout, child.stderr].map((from) => {
    const text = { all: '' };
    from.setEncoding('utf8').on('data', (chunk) => {
      text.all += chunk;
    });
    return text;
  });
  const [code] = await once(child, 'close');
  return { code, stdout: out?.all ?? '', stderr: err?.all ?? '' };
}

const leftIn = () => readFileSync(file, 'utf8').split('\n').filter(Boolean);

/** Where the stream has a message: sequence numbers come from the real stream. */
async function sequenceNumberOf({ message_uuid }: Message): Promise<string> {
  const from = { StreamArn: place.streamArn, ShardId: place.shardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
  let { ShardIterator } = await stream.send(new GetShardIteratorCommand(from));
  while (ShardIterator) {
    const { Records = [], NextShardIterator } = await stream.send(new GetRecordsCommand({ ShardIterator }));
    const found = Records.find(({ dynamodb }) => dynamodb?.NewImage?.message_uuid?.S === message_uuid);
    if (found) return found.dynamodb?.SequenceNumber as string;
    ShardIterator = Records.length > 0 ? NextShardIterator : undefined;
  }
  throw new Error('the stream has no such message');
}

/** What lies on the failure destination for these messages, given up together. */
async function failureOf(messages: Message[], replaced: object = {}): Promise<string> {
  const numbers = await Promise.all(messages.map(sequenceNumberOf));
  const records = numbers.map((sequenceNumber) => ({ sequenceNumber, createdAt: 0 }));
  const origin = { functionName: 'projectInbox', region: 'us-east-1', ...place, ...replaced };
  return JSON.stringify(failureMessage({ records, condition: 'RetryAttemptsExhausted', invokeCount: 4 }, origin, 0));
}

async function twoPeople() {
  return [await w.given.user(), await w.given.user()] as const;
}

/** A conversation that cannot be projected, and what heals it. */
async function poisoned() {
  const [ada, bob] = await twoPeople();
  const messages = [await w.when.sends(ada, bob, 'one'), await w.when.sends(bob, ada, 'two')] as const;
  const conversation = messages[0].message_group_uuid;
  const [head] = (await dump(table, `HEAD#${conversation}`)) as [Item];
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: headKey(conversation) }));
  return { ada, conversation, messages: [...messages], heal: () => load(table, [head]) };
}

describe('what was given up and has been repaired', () => {
  test('is projected; what succeeded is removed; once more changes nothing', async () => {
    const { ada, messages, heal } = await poisoned();
    const line = await failureOf(messages);
    writeFileSync(file, `${line}\n`);
    await heal();
    const { code, stdout } = await redrive(['--json']); // finds the file by DYNAMODB_PATH
    expect(JSON.parse(stdout)).toEqual({ done: 1, conversations: 1, written: 1, left: [] });
    expect(code).toBe(0);
    expect(await w.then.inbox(ada)).toMatchObject([{ message: 'two', unread_count: 1 }]);
    expect(leftIn()).toEqual([]);

    const before = await dump(table);
    expect((await redrive([file])).code).toBe(0); // nothing is left
    writeFileSync(file, `${line}\n${line}\n`);
    const again = await redrive([file, '--json']);
    expect(JSON.parse(again.stdout)).toEqual({ done: 2, conversations: 2, written: 0, left: [] });
    expect(leftIn()).toEqual([]);
    expect(await dump(table)).toEqual(before);
  });

  test('a range that holds other records too: every conversation with a new message in it, none twice', async () => {
    const one = await poisoned();
    const [cy, dan] = await twoPeople();
    const fine = await w.when.sends(cy, dan, 'fine');
    await w.when.projected(fine.message_group_uuid);
    const two = await poisoned();
    writeFileSync(file, `${await failureOf([...one.messages, fine, ...two.messages])}\n`);
    await one.heal();
    await two.heal();
    const { code, stdout } = await redrive([file, '--json']);
    expect(JSON.parse(stdout)).toEqual({ done: 1, conversations: 3, written: 2, left: [] });
    expect(code).toBe(0);
  });
});

test('of three, one still fails: it alone stays, and says whose it is', async () => {
  const [one, two, three] = [await poisoned(), await poisoned(), await poisoned()];
  const lines = [await failureOf(one.messages), await failureOf(two.messages), await failureOf(three.messages)];
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  await one.heal();
  await three.heal();
  const { code, stdout } = await redrive([file, '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    done: 2,
    left: [{ result: 'failing', failed: [{ message_group_uuid: two.conversation }] }],
  });
  expect(leftIn()).toEqual([lines[1]]);
  expect(await w.then.inbox(three.ada)).toHaveLength(1);
  expect((await redrive([file])).stdout).toContain(two.conversation);
});

test('what the stream no longer has, and what Lambda did not write, is kept and told', async () => {
  const { messages, heal } = await poisoned();
  const lines = [
    await failureOf(messages, { streamArn: place.streamArn.replace(/[^/]+$/, '2020-01-01T00:00:00.000') }),
    await failureOf(messages, { shardId: 'shardId-00000000000000000000-deadbeef' }),
    'not JSON',
    '{"DDBStreamBatchInfo":{}}',
  ];
  await heal();
  writeFileSync(file, `${[...lines, await failureOf(messages)].join('\n')}\n`);
  const { code, stdout } = await redrive([file, '--json']);
  const results = JSON.parse(stdout).left.map(({ result }: { result: string }) => result);
  expect(results).toEqual(['gone', 'gone', 'unreadable', 'unreadable']);
  expect(code).toBe(1);
  expect(leftIn()).toEqual(lines);
  expect((await redrive([file])).stdout).toContain('bin/ddb doctor --repair');
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

  test('exactly the records of it; what is trimmed, cut off or forgotten is gone', async () => {
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
    await expect(read(5, 6)).rejects.not.toThrow(RecordsLostError); // an outage is no loss
  });
});

test('what a running stack appends meanwhile stays', async () => {
  writeFileSync(file, '{"n":1}\n{"n":2}\n{"n":1}\n');
  for await (const { body, remove } of failureFile(file).messages()) {
    if ((body as { n: number }).n === 2) {
      await remove();
      appendFileSync(file, '{"n":2}\n{"n":3}\n');
    }
  }
  expect(leftIn()).toEqual(['{"n":1}', '{"n":1}', '{"n":2}', '{"n":3}']);
});

test('a database that does not answer is one line and exit code 2; nothing is removed', async () => {
  const { messages } = await poisoned();
  const line = await failureOf(messages);
  writeFileSync(file, `${line}\n`);
  const { code, stdout, stderr } = await redrive([file], { DYNAMODB_PORT: String(await freePort()) });
  expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({ code: 2, stdout: '', lines: 1 });
  expect(leftIn()).toEqual([line]);
});

test('no failures at all: nothing to do, and that is fine', async () => {
  expect((await redrive([])).code).toBe(0);
});

test('the queue in AWS: what succeeds is deleted, the rest is left there', async () => {
  const [one, two] = [await poisoned(), await poisoned()];
  await one.heal();
  const bodies = [await failureOf(one.messages), await failureOf(two.messages)];
  const hidden = bodies.map((Body) => ({
    Body,
    MessageId: randomUUID(),
    ReceiptHandle: `handle of ${Body}`,
    MD5OfBody: createHash('md5').update(Body).digest('hex'),
  }));
  const deleted: string[] = [];
  const queue = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const action = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
    if (action === 'DeleteMessage') deleted.push(JSON.parse(text).ReceiptHandle);
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify(action === 'ReceiveMessage' ? { Messages: hidden.splice(0, 1) } : {}));
  });
  queue.listen(0, '127.0.0.1');
  await once(queue, 'listening');
  const { port } = queue.address() as AddressInfo;
  const { code, stdout } = await redrive(
    [
      '--json',
      '--stage',
      'test',
      '--table',
      table.name,
      '--queue-url',
      `http://127.0.0.1:${port}/000000000000/ProjectionFailures`,
    ],
    {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_ENDPOINT_URL_DYNAMODB_STREAMS: endpoint,
    },
  );
  queue.close();
  expect(JSON.parse(stdout)).toMatchObject({ done: 1, written: 1, left: [{ result: 'failing' }] });
  expect(code).toBe(1);
  expect(deleted).toEqual([`handle of ${bodies[0]}`]);
});
