import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamoDBRecord } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Outcome } from '../../../offline/stream/deliver.ts';
import { type EventSource, eventSources } from '../../../offline/stream/event-sources.ts';
import { type Poller, startPoller } from '../../../offline/stream/poller.ts';
import { FakeStreams } from '../../support/fake-streams-server.ts';

const nameOf = (record: DynamoDBRecord) => String(record.dynamodb?.Keys?.sk?.S);
const until = (condition: () => void) => vi.waitFor(condition, { timeout: 5_000, interval: 5 });
/** Resolves when the poller has looked once more for a new stream and new shards, from beginning to end. */
const looksTwice = () => {
  const { looks } = fake;
  return until(() => expect(fake.looks).toBeGreaterThanOrEqual(looks + 2));
};
const success: Outcome = { result: 'answered', response: null };

let fake: FakeStreams;
let stateFolder: string;
let pollers: Poller[];
let batches: string[];
let warnings: string[];
let answer: (names: string[]) => Outcome | Promise<Outcome>;

beforeEach(async () => {
  fake = new FakeStreams();
  fake.createTable('first');
  await fake.start();
  stateFolder = mkdtempSync(join(tmpdir(), 'stream-poller-'));
  pollers = [];
  batches = [];
  warnings = [];
  answer = () => success;
});

afterEach(async () => {
  await Promise.all(pollers.map((poller) => poller.stop()));
  await fake.stop();
  rmSync(stateFolder, { recursive: true });
});

function start(stream: object = {}, { onDisk = false } = {}): Poller {
  const [source] = eventSources({
    project: { name: 'svc-local-project', events: [{ stream: { arn: 'x', ...stream } }] },
  });
  const poller = startPoller({
    settings: { tableName: fake.table, region: 'us-east-1', stateFolder, onDisk, ports: { dynamodb: fake.port } },
    sources: [source as EventSource],
    invoke: async (_, records, signal) => {
      const names = records.map(nameOf);
      batches.push(names.join(' '));
      const stopped = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      return Promise.race([answer(names), stopped]);
    },
    warn: (line) => warnings.push(line),
    lookEveryMs: 50, // the tests wait for the next look
  });
  pollers.push(poller);
  return poller;
}

const delivered = () => batches.flatMap((batch) => batch.split(' '));
const writeAll = (shard: string, names: string) => {
  for (const name of names.split(' ')) fake.write(shard, name.slice(0, 1), name);
};
const checkpoint = () => JSON.parse(readFileSync(join(stateFolder, 'stream-checkpoint.json'), 'utf8'));
const failures = () =>
  readFileSync(join(stateFolder, 'failures', 'project.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** An invocation that does not answer until it is opened. */
function gate() {
  let open = (_: Outcome) => {};
  const held = new Promise<Outcome>((resolve) => {
    open = resolve;
  });
  return { held, open: () => open(success) };
}

describe('shards', () => {
  test('records from before and after the start are delivered in order', async () => {
    writeAll('first-0', 'a1 b1 a2');
    start();
    await until(() => expect(delivered()).toEqual(['a1', 'b1', 'a2']));
    writeAll('first-0', 'b2 a3');
    await until(() => expect(delivered()).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']));
    expect(warnings).toEqual([]);
  });

  test('child shards are read after their parent is delivered completely', async () => {
    const { held, open } = gate();
    answer = (names) => (names.includes('a2') ? held : success);
    writeAll('first-0', 'a1');
    start({ batchSize: 1 });
    await until(() => expect(delivered()).toEqual(['a1']));
    // The shard splits while the poller runs.
    writeAll('first-0', 'a2 a3');
    fake.openShard('left', 'first-0');
    fake.openShard('right', 'first-0');
    fake.openShard('leaf', 'left');
    fake.closeShard('first-0');
    fake.closeShard('left');
    writeAll('left', 'a4');
    writeAll('leaf', 'a5');
    writeAll('right', 'b1');
    await until(() => expect(delivered()).toContain('a2'));
    await looksTwice();
    expect(new Set(fake.reads)).toEqual(new Set(['first-0']));
    open();
    await until(() => expect(delivered()).toHaveLength(6));
    expect(delivered().filter((name) => name.startsWith('a'))).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
    expect(delivered()).toContain('b1');
  });

  test('a shard without its parent is read', async () => {
    fake.openShard('child', 'first-0');
    fake.forgetShard('first-0');
    writeAll('child', 'a1');
    start();
    await until(() => expect(delivered()).toEqual(['a1']));
  });

  test('the children of a shard that disappears are read', async () => {
    start();
    await until(() => expect(fake.reads).toContain('first-0'));
    fake.openShard('child', 'first-0');
    fake.forgetShard('first-0');
    writeAll('child', 'a1');
    await until(() => expect(delivered()).toEqual(['a1']));
    await looksTwice();
    const told = warnings.length;
    fake.cutsOff = true; // an error of the lost shard must not hide the next outage
    await until(() => expect(warnings).toHaveLength(told + 1));
  });

  test('LATEST skips the records present at the start, but none of later shards', async () => {
    fake.openShard('open', 'first-0');
    fake.closeShard('first-0');
    writeAll('first-0', 'a1');
    writeAll('open', 'a2');
    start({ startingPosition: 'LATEST' });
    await until(() => expect(fake.reads).toContain('open'));
    writeAll('open', 'a3');
    fake.openShard('later', 'open');
    writeAll('later', 'a4');
    fake.closeShard('open');
    await until(() => expect(delivered()).toEqual(['a3', 'a4']));
    expect(fake.reads).not.toContain('first-0');
  });

  test('the stream of a table that was created again is read from the start', async () => {
    writeAll('first-0', 'a1');
    start({ startingPosition: 'LATEST' });
    await until(() => expect(fake.reads).toContain('first-0'));
    fake.createTable('second');
    writeAll('second-0', 'a2');
    await until(() => expect(delivered()).toEqual(['a2']));
  });

  test('an invocation for the old table does not block the new one', async () => {
    answer = (names) => (names.includes('a1') ? new Promise(() => {}) : success);
    writeAll('first-0', 'a1');
    start();
    await until(() => expect(delivered()).toEqual(['a1']));
    fake.createTable('second');
    writeAll('second-0', 'a2');
    await until(() => expect(delivered()).toEqual(['a1', 'a2']));
  });
});

describe('an outage of the database', () => {
  test('that makes iterators expire loses and repeats no record, and causes no warning', async () => {
    writeAll('first-0', 'a1');
    start();
    await until(() => expect(delivered()).toEqual(['a1']));
    fake.expireIterators();
    writeAll('first-0', 'a2');
    await until(() => expect(delivered()).toEqual(['a1', 'a2']));
    expect(warnings).toEqual([]);
  });

  test('after which records are trimmed: reading continues with the oldest record that is left', async () => {
    writeAll('first-0', 'a1');
    start();
    await until(() => expect(delivered()).toEqual(['a1']));
    await fake.stop();
    writeAll('first-0', 'a2 a3 a4');
    fake.trim('first-0', 3);
    fake.expireIterators();
    await fake.start();
    await until(() => expect(delivered()).toEqual(['a1', 'a4']));
  });

  test('causes one warning, and loses no record', { timeout: 20_000 }, async () => {
    start();
    await until(() => expect(fake.reads).toContain('first-0'));
    for (const [index, name] of ['a1', 'a2'].entries()) {
      fake.cutsOff = true;
      const { rejected } = fake;
      await until(() => expect(fake.rejected).toBeGreaterThan(rejected + 5));
      expect(warnings).toHaveLength(index + 1);
      writeAll('first-0', name);
      fake.cutsOff = false;
      await until(() => expect(delivered()).toContain(name));
      await looksTwice(); // by now every part of the poller has had an answer
    }
  });

  test('reading continues after a restart', async () => {
    start();
    await until(() => expect(fake.reads).toContain('first-0'));
    await fake.stop();
    await until(() => expect(warnings).toHaveLength(1));
    writeAll('first-0', 'a1');
    await fake.start();
    await until(() => expect(delivered()).toEqual(['a1']));
  });

  test('the poller waits for a missing table', async () => {
    fake.dropTable();
    start();
    await until(() => expect(warnings).toHaveLength(1));
    fake.createTable('late');
    writeAll('late-0', 'a1');
    await until(() => expect(delivered()).toEqual(['a1']));
    expect(warnings).toHaveLength(1);
  });
});

describe('batches', () => {
  test('have at most batchSize records', async () => {
    writeAll('first-0', 'a1 a2 a3 a4 a5');
    start({ batchSize: 2 });
    await until(() => expect(batches).toEqual(['a1 a2', 'a3 a4', 'a5']));
  });

  test('collect records within the window, which ends when the batch is full', async () => {
    start({ batchSize: 3, batchWindow: 300 });
    writeAll('first-0', 'a1');
    await until(() => expect(fake.reads.length).toBeGreaterThan(2));
    writeAll('first-0', 'a2');
    const reads = fake.reads.length;
    await until(() => expect(fake.reads.length).toBeGreaterThan(reads + 2));
    expect(batches).toEqual([]);
    writeAll('first-0', 'a3 a4');
    await until(() => expect(batches).toEqual(['a1 a2 a3']));
  });

  test('are delivered when the window is over', async () => {
    start({ batchSize: 3, batchWindow: 1 });
    const began = Date.now();
    writeAll('first-0', 'a1');
    await until(() => expect(batches).toEqual(['a1']));
    expect(Date.now() - began).toBeGreaterThanOrEqual(990);
  });

  test('contain no records that the filter excludes, and the checkpoint advances past those', async () => {
    writeAll('first-0', 'b1 b2');
    start({ filterPatterns: [{ dynamodb: { Keys: { pk: { S: ['a'] } } } }] }, { onDisk: true });
    await until(() => expect(checkpoint()[String(fake.streamArn)].project['first-0']).toMatch(/2$/));
    writeAll('first-0', 'b3 a1 b4');
    await until(() => expect(checkpoint()[String(fake.streamArn)].project['first-0']).toMatch(/5$/));
    expect(batches).toEqual(['a1']);
  });

  test('whose partition key keeps failing block only their lane and the checkpoint', async () => {
    const { held, open } = gate(); // the partition keys a and h are in different lanes
    answer = (names) => (names.includes('a1') ? held : success);
    writeAll('first-0', 'h0 a1 h1 a2 h2');
    start({ batchSize: 1, parallelizationFactor: 2 }, { onDisk: true });
    await until(() => expect(delivered()).toContain('h2'));
    expect(delivered()).not.toContain('a2');
    writeAll('first-0', 'h3');
    await until(() => expect(delivered()).toContain('h3'));
    expect(checkpoint()[String(fake.streamArn)].project['first-0']).toMatch(/1$/);
    open();
    await until(() => expect(checkpoint()[String(fake.streamArn)].project['first-0']).toMatch(/6$/));
    expect(delivered().filter((name) => name.startsWith('a'))).toEqual(['a1', 'a2']);
  });

  test('are read ahead up to a limit while the function keeps failing', async () => {
    answer = () => new Promise(() => {});
    for (let index = 0; index < 20_000; index += 1) fake.write('first-0', 'a', `a${index}`);
    start();
    await until(() => expect(fake.reads).toHaveLength(10));
    // The limit is 10,000 records, ten pages: after looking twice for new shards, no more pages have been read.
    writeAll('first-0', 'a');
    await expect(vi.waitFor(() => expect(fake.reads.length).toBeGreaterThan(10), { timeout: 300 })).rejects.toThrow();
  });
});

describe('failures', () => {
  const poisoned = { batchSize: 10, bisectBatchOnFunctionError: true, maximumRetryAttempts: 1 };
  const failsOnBad = (names: string[]): Outcome =>
    names.includes('bad') ? { result: 'failed', functionError: 'Unhandled' } : success;

  test('reach the failure destination in the format of AWS, the other records are delivered', async () => {
    answer = failsOnBad;
    writeAll('first-0', 'a1 a2 bad b1 b2');
    start({ ...poisoned, destinations: { onFailure: { type: 'sqs', arn: {} } } }, { onDisk: true });
    await until(() => expect(checkpoint()[String(fake.streamArn)].project['first-0']).toMatch(/5$/));
    expect(failures()).toEqual([
      {
        requestContext: {
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:svc-local-project',
          condition: 'RetryAttemptsExhausted',
          approximateInvokeCount: 4,
        },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        version: '1.0',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        DDBStreamBatchInfo: {
          shardId: 'first-0',
          startSequenceNumber: '000000000000000000003',
          endSequenceNumber: '000000000000000000003',
          approximateArrivalOfFirstRecord: '2023-11-14T22:13:20Z',
          approximateArrivalOfLastRecord: '2023-11-14T22:13:20Z',
          batchSize: 1,
          streamArn: fake.streamArn,
        },
      },
    ]);
    expect(warnings).toHaveLength(1);
  });

  test('without a destination are dropped, with one warning', async () => {
    answer = failsOnBad;
    writeAll('first-0', 'bad a1 bad a2');
    start(poisoned);
    await until(() => expect(batches).toContain('a2'));
    expect(warnings).toHaveLength(1);
  });

  test('are not lost if the failure file cannot be written', async () => {
    answer = failsOnBad;
    writeAll('first-0', 'bad a1');
    writeFileSync(join(stateFolder, 'failures'), 'where the folder should be');
    start({ ...poisoned, destinations: { onFailure: 'arn:aws:sqs:us-east-1:000000000000:q' } });
    await until(() => expect(warnings).toHaveLength(1));
    answer = () => success;
    await until(() => expect(batches.at(-1)).toBe('bad a1'));
  });
});

describe('stopping and starting again', () => {
  test('finished records are not delivered again, the others are', async () => {
    answer = (names) => (names.includes('a3') ? new Promise(() => {}) : success);
    writeAll('first-0', 'a1 a2 a3 a4');
    const first = start({ batchSize: 2 }, { onDisk: true });
    await until(() => expect(batches).toEqual(['a1 a2', 'a3 a4']));
    await first.stop();
    batches = [];
    answer = () => success;
    start({ batchSize: 2 }, { onDisk: true });
    await until(() => expect(batches).toEqual(['a3 a4']));
    writeAll('first-0', 'a5');
    await until(() => expect(batches).toEqual(['a3 a4', 'a5']));
  });

  test('LATEST continues at its checkpoint', async () => {
    const first = start({ startingPosition: 'LATEST' }, { onDisk: true });
    await until(() => expect(fake.reads.length).toBeGreaterThan(0));
    writeAll('first-0', 'a1');
    await until(() => expect(checkpoint()[String(fake.streamArn)].project['first-0']).toMatch(/1$/));
    await first.stop();
    writeAll('first-0', 'a2');
    start({ startingPosition: 'LATEST' }, { onDisk: true });
    await until(() => expect(delivered()).toEqual(['a1', 'a2']));
  });

  test('the checkpoint of another stream is ignored', async () => {
    writeAll('first-0', 'a1');
    const first = start({}, { onDisk: true });
    await until(() => expect(checkpoint()[String(fake.streamArn)].project['first-0']).toMatch(/1$/));
    await first.stop();
    fake.createTable('second');
    writeAll('second-0', 'a2');
    start({}, { onDisk: true });
    await until(() => expect(delivered()).toEqual(['a1', 'a2']));
    await until(() => expect(Object.keys(checkpoint())).toEqual([fake.streamArn]));
  });

  test('a stop during an invocation, a pause or an outage takes effect at once', async () => {
    answer = (names) => (names.includes('a1') ? new Promise(() => {}) : { result: 'failed', functionError: 'Error' });
    writeAll('first-0', 'a1');
    const calling = start();
    await until(() => expect(delivered()).toContain('a1'));
    await calling.stop();
    fake.createTable('second');
    writeAll('second-0', 'b1');
    const pausing = start();
    await until(() => expect(delivered().filter((name) => name === 'b1').length).toBeGreaterThan(1));
    await pausing.stop();
    await fake.stop();
    const suffering = start();
    await until(() => expect(warnings).toHaveLength(1));
    await suffering.stop();
    await fake.start();
    expect(fake.reads).not.toContain('third');
  });
});
