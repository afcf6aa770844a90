import { createHash } from 'node:crypto';
import type { DynamoDBStreamsClient, _Record as StreamRecord } from '@aws-sdk/client-dynamodb-streams';
import { Progress } from './checkpoint.ts';
import { backOff, type Discarded } from './deliver.ts';
import type { EventSource } from './event-sources.ts';
import type { Invoke } from './invoke.ts';
import { toLambdaRecord } from './lambda-record.ts';
import { Lane, type ReadRecord } from './lane.ts';
import type { Position, SharedReads } from './shared-reads.ts';

/** The consumption of one stream by one function. The callbacks receive the id of the shard that they concern. */
export interface StreamConsumer {
  client: DynamoDBStreamsClient;
  reads: SharedReads;
  source: EventSource;
  streamArn: string;
  region: string;
  /** The name of the table's partition key. */
  partitionKey: string;
  invoke: Invoke;
  /** Rejects once `signal` is aborted. */
  wait(milliseconds: number): Promise<void>;
  signal: AbortSignal;
  /** All records of the shard up to this one are finished. */
  onProgress(shardId: string, sequenceNumber: string): void;
  onFailure(shardId: string, discarded: Discarded<ReadRecord>): void;
  /** Called after each read, with its error if the database did not answer. */
  onReading(shardId: string, error?: unknown): void;
  /** Called with an unexpected error; the operation is retried. */
  onTrouble(error: unknown): void;
}

const idlePauseMs = 50; // AWS polls four times a second; a developer waits for each change to appear
// How many records may be read and not delivered yet. While a partition key keeps failing, at most this many later records are
// delivered; then reading waits for that key.
const maximumRecordsAhead = 10_000;
const maximumBytesAhead = 16_000_000;

/**
 * Reads a shard from its position in the checkpoint and delivers the records that match the function's filter.
 * Returns when the shard is closed and all its records are delivered.
 * @param isListed whether DescribeStream still lists this shard: if not, a failed read means that the shard has ended
 * @throws the reason of `signal` once it is aborted
 */
export async function consumeShard(
  consumer: StreamConsumer,
  shardId: string,
  start: Position,
  isListed: () => boolean,
): Promise<void> {
  const { source, wait, signal } = consumer;
  const progress = new Progress();
  let bytesAhead = 0;
  const settle = () => {
    const settled = progress.settle();
    if (settled !== undefined) consumer.onProgress(shardId, settled);
  };
  const lanes = Array.from({ length: source.parallelizationFactor }, () => {
    return new Lane(source, {
      wait,
      signal,
      now: monotonicMs,
      onTrouble: consumer.onTrouble,
      onFailure: (discarded) => consumer.onFailure(shardId, discarded),
      invoke: (records) =>
        consumer.invoke(
          source.functionName,
          records.map((record) => record.event),
          signal,
        ),
      finished: (records) => {
        for (const record of records) {
          record.mark.finished = true;
          bytesAhead -= record.bytes;
        }
        settle();
      },
    });
  });

  try {
    for await (const page of readShard(consumer, shardId, start, isListed)) {
      const arrivals = lanes.map((): ReadRecord[] => []);
      for (const record of page) {
        const event = toLambdaRecord(record, consumer.streamArn, consumer.region);
        const sequenceNumber = event.dynamodb?.SequenceNumber ?? '';
        const wanted = source.wants(event);
        const mark = progress.add(sequenceNumber, !wanted);
        if (!wanted) continue;
        const bytes = Buffer.byteLength(JSON.stringify(event));
        const createdAt = event.dynamodb?.ApproximateCreationDateTime ?? 0;
        // The age of a record counts from the time of reading: DynamoDB Local truncates its creation time to the
        // minute.
        const read: ReadRecord = { event, sequenceNumber, createdAt, readAt: monotonicMs(), bytes, mark };
        bytesAhead += bytes;
        arrivals[laneOf(event.dynamodb?.Keys?.[consumer.partitionKey], lanes.length)]?.push(read);
      }
      settle();
      lanes.forEach((lane, index) => {
        lane.push(arrivals[index] ?? []);
      });
      while (progress.length >= maximumRecordsAhead || bytesAhead >= maximumBytesAhead) await wait(idlePauseMs);
    }
  } finally {
    await Promise.all(lanes.map((lane) => lane.idle));
  }
  signal.throwIfAborted();
}

/**
 * Yields the records of a shard in pages, from `start` to the end of the shard; an open shard has no end. After an
 * outage of the database, or when an iterator has expired (after 15 minutes), it continues after the last record that
 * it has read.
 */
async function* readShard(
  consumer: StreamConsumer,
  shardId: string,
  start: Position,
  isListed: () => boolean,
): AsyncGenerator<StreamRecord[]> {
  const { reads, streamArn, wait, signal } = consumer;
  let position = start;
  let iterator: string | undefined;
  let pauseMs = 0;
  let failures = 0;
  try {
    for (;;) {
      let page: StreamRecord[];
      try {
        const answer = await reads.read({ streamArn, shardId, position, iterator, pauseMs }, signal);
        page = answer.records;
        iterator = answer.iterator;
      } catch (error) {
        signal.throwIfAborted();
        iterator = undefined;
        pauseMs = 0;
        const { name } = error as Error;
        if (name === 'TrimmedDataAccessException') {
          position = 'TRIM_HORIZON'; // DynamoDB drops records after a day; continue with the oldest that is left
        } else if (name !== 'ExpiredIteratorException') {
          if (!isListed()) return;
          consumer.onReading(shardId, error);
        }
        await wait(backOff(failures++));
        continue;
      }
      failures = 0;
      consumer.onReading(shardId);
      const last = page.at(-1)?.dynamodb?.SequenceNumber;
      if (last !== undefined) position = { after: last };
      yield page;
      if (iterator === undefined) return;
      pauseMs = page.length === 0 ? idlePauseMs : 0;
    }
  } finally {
    consumer.onReading(shardId);
  }
}

/** The lane of a partition key, always the same. */
function laneOf(key: unknown, lanes: number): number {
  if (lanes === 1) return 0;
  return createHash('sha1').update(JSON.stringify(key)).digest().readUInt32BE() % lanes;
}

const monotonicMs = () => performance.now(); // unlike Date.now, it does not advance while the machine sleeps
