import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { parse } from 'yaml';
import type { Table } from '../../core/table/client.ts';
import { type EventSource, eventSources } from '../../offline/stream/event-sources.ts';
import { toLambdaRecord } from '../../offline/stream/lambda-record.ts';
import { eventually } from './eventually.ts';
import { localConfig } from './table.ts';

const service = parse(readFileSync(resolve(import.meta.dirname, '../../serverless.yml'), 'utf8'), {
  logLevel: 'silent', // CloudFormation's tags
});
/** The deployed event source of the projector. */
export const source = eventSources({ projectInbox: service.functions.projectInbox })[0] as EventSource;

// DynamoDB Local handles one request at a time: polling more often slows down all other requests.
const idlePauseMs = 50;
const discoveryPauseMs = 2_000;

export interface Capture {
  /** The records of the new messages of these senders, in the order of the stream, once those with all the given keys are there. */
  recordsOf: (senders: string[], places: Place[]) => Promise<DynamoDBRecord[]>;
  forget: (senders: string[]) => void;
  /** The number of all records in the stream, and of those that match the filter of the event source. */
  seen: { all: number; wanted: number };
  stop: () => Promise<void>;
}
export type Place = { pk: string; sk: string };

/** Reads the stream of a table from its start, continuously; keeps the records that match the filter of the event source. */
export async function captureStream(table: Table, endpoint: string): Promise<Capture> {
  const client = new DynamoDBStreamsClient(localConfig(endpoint));
  const { Table: description } = await table.client.send(new DescribeTableCommand({ TableName: table.name }));
  const StreamArn = description?.LatestStreamArn ?? '';
  const bySender = new Map<string, DynamoDBRecord[]>();
  const seen = { all: 0, wanted: 0 };
  let stopped = false;

  const keep = (record: DynamoDBRecord) => {
    seen.all++;
    if (!source.wants(record)) return;
    seen.wanted++;
    const sender = record.dynamodb?.NewImage?.user_uuid?.S ?? '';
    bySender.set(sender, [...(bySender.get(sender) ?? []), record]);
  };
  const readShard = async (ShardId: string) => {
    const start = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    let { ShardIterator } = await client.send(new GetShardIteratorCommand(start));
    while (ShardIterator && !stopped) {
      const page = await client.send(new GetRecordsCommand({ ShardIterator }));
      for (const record of page.Records ?? []) keep(toLambdaRecord(record, StreamArn, 'us-east-1'));
      ShardIterator = page.NextShardIterator;
      if (!page.Records?.length) await wait(idlePauseMs);
    }
  };
  let failure: unknown;
  const fail = (error: unknown) => {
    failure = error;
  };
  const readAll = async () => {
    const reading = new Map<string, Promise<void>>();
    while (!stopped && !failure) {
      // DynamoDB Local has few shards: one page.
      const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
      for (const { ShardId = '' } of StreamDescription?.Shards ?? []) {
        if (!reading.has(ShardId)) reading.set(ShardId, readShard(ShardId).catch(fail));
      }
      await wait(discoveryPauseMs);
    }
    await Promise.all(reading.values());
  };
  const done = readAll().catch(fail);

  const kept = (senders: string[]) => senders.flatMap((sender) => bySender.get(sender) ?? []);
  return {
    seen,
    recordsOf: (senders, places) =>
      eventually(async () => {
        if (failure) throw failure;
        const records = kept(senders);
        const there = new Set(records.map((record) => at(keysOf(record))));
        const missing = places.filter((place) => !there.has(at(place)));
        if (missing.length > 0) throw new Error(`the stream has no record of ${missing.map(at).join(', ')}`);
        return records.sort((one, other) => (sequenceOf(one) < sequenceOf(other) ? -1 : 1));
      }, 20_000),
    forget: (senders) => {
      for (const sender of senders) bySender.delete(sender);
    },
    stop: async () => {
      stopped = true;
      await done;
      client.destroy();
    },
  };
}

const at = ({ pk, sk }: Place) => `${pk} ${sk}`;
const sequenceOf = ({ dynamodb }: DynamoDBRecord) => (dynamodb?.SequenceNumber ?? '').padStart(40, '0');
function keysOf({ dynamodb }: DynamoDBRecord): Place {
  return { pk: dynamodb?.Keys?.pk?.S ?? '', sk: dynamodb?.Keys?.sk?.S ?? '' };
}

/** The order, repetition and batches in which records are delivered. */
export interface Arrangement {
  /** `per key`: what AWS guarantees, the order within a partition key. `any`: no order at all. */
  order: 'as read' | 'per key' | 'any';
  /** The number of deliveries of the first, second … record, cyclic. */
  copies: number[];
  /** The size of the first, second … batch, cyclic. */
  sizes: number[];
}

/** Orders records and divides them into batches. */
export function arrange(
  records: DynamoDBRecord[],
  { order, copies, sizes }: Arrangement,
  random: () => number,
): DynamoDBRecord[][] {
  // A repeated record comes after its first delivery, not necessarily directly after: rounds over all records do both.
  const repeated = [0, 1, 2].flatMap((round) => records.filter((_, n) => (copies[n % copies.length] ?? 1) > round));
  const ordered =
    order === 'as read' ? repeated : order === 'any' ? shuffled(repeated, random) : perKey(repeated, random);
  const batches: DynamoDBRecord[][] = [];
  for (let start = 0; start < ordered.length; start += batches.at(-1)?.length ?? 1) {
    batches.push(ordered.slice(start, start + (sizes[batches.length % sizes.length] ?? 1)));
  }
  return batches;
}

function shuffled<T>(list: T[], random: () => number): T[] {
  return list
    .map((item) => ({ item, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}

function perKey(records: DynamoDBRecord[], random: () => number): DynamoDBRecord[] {
  const lanes = new Map<string, DynamoDBRecord[]>();
  for (const record of records) lanes.set(keysOf(record).pk, [...(lanes.get(keysOf(record).pk) ?? []), record]);
  // A shuffled list of partition keys: each entry takes the next record of its key.
  return shuffled(
    records.map((record) => keysOf(record).pk),
    random,
  ).map((pk) => lanes.get(pk)?.shift() as DynamoDBRecord);
}

/**
 * Delivers batches as Lambda does, several at the same time: after a failure all records from the first failed one on are delivered
 * again, as often as serverless.yml allows.
 * @param invoke one invocation; `attempt` counts from 1. It rejects when the invocation fails as a whole
 * @returns the discarded records
 */
export async function deliver(
  batches: DynamoDBRecord[][],
  overlap: number,
  invoke: (records: DynamoDBRecord[], attempt: number) => Promise<DynamoDBBatchResponse>,
): Promise<DynamoDBRecord[]> {
  const waiting = [...batches];
  const givenUp: DynamoDBRecord[] = [];
  const lane = async () => {
    for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
      let rest = batch;
      for (let attempt = 1; rest.length > 0 && attempt <= 1 + source.maximumRetries; attempt++) {
        rest = remaining(rest, await invoke(rest, attempt).catch(() => undefined));
      }
      givenUp.push(...rest);
    }
  };
  await Promise.all(Array.from({ length: overlap }, lane));
  return givenUp;
}

function remaining(batch: DynamoDBRecord[], response: DynamoDBBatchResponse | undefined): DynamoDBRecord[] {
  if (!response) return batch;
  const failed = new Set(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const first = batch.findIndex(({ dynamodb }) => failed.has(dynamodb?.SequenceNumber ?? ''));
  return first < 0 ? [] : batch.slice(first);
}
