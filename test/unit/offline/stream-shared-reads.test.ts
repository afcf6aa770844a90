import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { localCredentials } from '../../../offline/settings.ts';
import { type Next, SharedReads } from '../../../offline/stream/shared-reads.ts';
import { FakeStreams } from '../../support/fake-streams-server.ts';

let fake: FakeStreams;
let client: DynamoDBStreamsClient;
let reads: SharedReads;
let ending: AbortController[];

beforeEach(async () => {
  fake = new FakeStreams();
  fake.createTable('first');
  for (const name of ['a1', 'a2']) fake.write('first-0', 'a', name);
  await fake.start();
  const endpoint = `http://127.0.0.1:${fake.port}`;
  client = new DynamoDBStreamsClient({ endpoint, region: 'us-east-1', credentials: localCredentials });
  reads = new SharedReads(client, (milliseconds, signal) => sleep(milliseconds, undefined, { signal }));
  ending = [new AbortController(), new AbortController()];
});
afterEach(async () => {
  client.destroy();
  await fake.stop();
});

/** Two consumers ask at the same time, each from its place. */
const readBoth = (...places: Partial<Next>[]) =>
  places.map((place, consumer) => {
    const next: Next = { streamArn: String(fake.streamArn), shardId: 'first-0', position: 'TRIM_HORIZON', pauseMs: 0 };
    return reads.read({ ...next, ...place }, (ending[consumer] as AbortController).signal);
  });
const sequenceNumber = (n: number) => String(n).padStart(21, '0');
const namesIn = ({ records }: Awaited<ReturnType<SharedReads['read']>>) =>
  records.map(({ dynamodb }) => dynamodb?.Keys?.sk?.S);

test('two consumers at the same place share one read, also the second time', async () => {
  for (const position of ['TRIM_HORIZON', { after: sequenceNumber(2) }] as const) {
    const before = fake.reads.length;
    const [one, other] = await Promise.all(readBoth({ position }, { position }));
    expect(one).toBe(other);
    expect(fake.reads).toHaveLength(before + 1);
  }
});

test('a consumer that asks during the pause of another one joins it', async () => {
  const [pausing, joining] = readBoth({ pauseMs: 20 }, { pauseMs: 0 });
  expect(await joining).toBe(await pausing);
  expect(fake.reads).toHaveLength(1);
});

test('a read that has ended is not given to a later consumer', async () => {
  await Promise.all(readBoth({ position: { after: sequenceNumber(2) } }));
  fake.write('first-0', 'a', 'a3');
  const [later] = await Promise.all(readBoth({ position: { after: sequenceNumber(2) } }));
  expect(later && namesIn(later)).toEqual(['a3']);
});

test('consumers at different places read their own pages', async () => {
  const [one, other] = await Promise.all(readBoth({}, { position: { after: sequenceNumber(1) } }));
  expect(one && namesIn(one)).toEqual(['a1', 'a2']);
  expect(other && namesIn(other)).toEqual(['a2']);
});

test('LATEST is each consumer’s own place', async () => {
  await Promise.all(readBoth({ position: 'LATEST' }, { position: 'LATEST' }));
  expect(fake.reads).toHaveLength(2);
});

test('a shared error reaches both', async () => {
  fake.forgetShard('first-0');
  const outcomes = await Promise.allSettled(readBoth({}, {}));
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'ResourceNotFoundException' } });
});

test('the end of one consumer leaves the other its read', async () => {
  const [ended, other] = readBoth({ pauseMs: 20 }, {});
  ending[0]?.abort(new Error('it ends'));
  await expect(ended).rejects.toThrow('it ends');
  expect(namesIn(await (other as NonNullable<typeof other>))).toEqual(['a1', 'a2']);
});

test('a read for which no consumer waits ends, and the next consumer begins its own', async () => {
  const send = vi.spyOn(client, 'send');
  const [ended] = readBoth({ pauseMs: 20 });
  ending[0]?.abort(new Error('it ends'));
  await expect(ended).rejects.toThrow('it ends');
  ending[0] = new AbortController();
  const [next] = await Promise.all(readBoth({ pauseMs: 40 })); // longer than the pause of the read that has ended
  expect(next && namesIn(next)).toEqual(['a1', 'a2']);
  expect(send).toHaveBeenCalledTimes(2); // one iterator, one page
});
