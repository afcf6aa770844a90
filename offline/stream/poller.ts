import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { type LocalSettings, localCredentials } from '../settings.ts';
import { Checkpoint } from './checkpoint.ts';
import type { EventSource } from './event-sources.ts';
import { appendFailure, failureMessage } from './failures.ts';
import type { Invoke } from './invoke.ts';
import type { StreamConsumer } from './shard.ts';
import { SharedReads } from './shared-reads.ts';
import { StreamRun } from './stream.ts';

export interface PollerOptions {
  settings: Pick<LocalSettings, 'tableName' | 'region' | 'stateFolder' | 'onDisk'> & { ports: { dynamodb: number } };
  sources: EventSource[];
  invoke: Invoke;
  /** Prints one line for the developer. The line identifies a record only by its position in the stream. */
  warn(line: string): void;
  /** How often to look for new shards, and for a table that was dropped and created again, in milliseconds; default 1,000. */
  lookEveryMs?: number;
}

export interface Poller {
  /**
   * Ends all reading and invoking. Records that are not finished are delivered again at the next start, if the
   * database is on disk.
   */
  stop(): Promise<void>;
}

/** Starts to deliver the stream of the table to the functions. Never throws and does not keep the process alive. */
export function startPoller({ settings, sources, invoke, warn, lookEveryMs = 1_000 }: PollerOptions): Poller {
  const stopped = new AbortController();
  setMaxListeners(0, stopped.signal); // each pause and each running invocation adds a listener; Node would warn of a leak at eleven
  const access = {
    endpoint: `http://127.0.0.1:${settings.ports.dynamodb}`,
    region: settings.region,
    credentials: localCredentials,
    maxAttempts: 1, // this file retries itself, and warns
  };
  const database = new DynamoDBClient(access);
  const streams = new DynamoDBStreamsClient(access);
  const pause = (milliseconds: number, signal: AbortSignal) => sleep(milliseconds, undefined, { signal, ref: false });
  const reads = new SharedReads(streams, pause);
  const checkpoint = new Checkpoint(settings.onDisk ? join(settings.stateFolder, 'stream-checkpoint.json') : undefined);
  const outage = new Outage((error) => warn(`stream poller: the database does not answer (${error}), retrying`));
  const warned = new Set<string>();
  const warnOnce = (line: string) => {
    if (!warned.has(line)) warn(line);
    warned.add(line);
  };

  async function describeTable() {
    const command = new DescribeTableCommand({ TableName: settings.tableName });
    const { Table: table } = await database.send(command, { abortSignal: stopped.signal });
    const partitionKey = table?.KeySchema?.find((key) => key.KeyType === 'HASH')?.AttributeName;
    if (!table?.LatestStreamArn || !partitionKey) throw new Error('the table has no stream');
    return { streamArn: table.LatestStreamArn, partitionKey };
  }

  function consume(source: EventSource, table: { streamArn: string; partitionKey: string }, isFirst: boolean) {
    const ending = new AbortController();
    const signal = AbortSignal.any([stopped.signal, ending.signal]);
    setMaxListeners(0, signal);
    const { streamArn } = table;
    const consumer: StreamConsumer = {
      ...table,
      client: streams,
      reads,
      source,
      region: settings.region,
      invoke,
      signal,
      wait: (milliseconds) => pause(milliseconds, signal),
      onProgress: (shardId, sequenceNumber) => {
        try {
          checkpoint.advance(streamArn, source.name, shardId, sequenceNumber);
        } catch (error) {
          warnOnce(`stream poller: the checkpoint cannot be written (${nameOf(error)})`);
        }
      },
      onFailure: (shardId, discarded) => {
        const { condition, records } = discarded;
        if (!source.hasFailureDestination) {
          warnOnce(`${source.name}: records were discarded (${condition}): there is no failure destination`);
          return;
        }
        const origin = { functionName: source.functionName, region: settings.region, streamArn, shardId };
        appendFailure(settings.stateFolder, source.name, failureMessage(discarded, origin, Date.now()));
        warn(`${source.name}: ${records.length} record(s) of ${shardId} discarded (${condition})`);
      },
      onTrouble: (error) => warnOnce(`${source.name}: the stream poller failed (${nameOf(error)}), retrying`),
      onReading: (shardId, error) => outage.report(`${source.name} ${shardId}`, error),
    };
    const run = new StreamRun(consumer, checkpoint, isFirst ? source.startingPosition : 'TRIM_HORIZON');
    const end = async () => {
      ending.abort();
      await run.ended();
    };
    return { streamArn, discover: () => run.discover(), end };
  }

  async function follow(source: EventSource): Promise<void> {
    let current: ReturnType<typeof consume> | undefined;
    while (!stopped.signal.aborted) {
      try {
        const table = await describeTable();
        if (table.streamArn !== current?.streamArn) {
          // The table was created again. Records left in the old stream are dropped; otherwise the functions would
          // apply them to the new table.
          await current?.end();
          current = consume(source, table, current === undefined);
        }
        await current.discover();
        outage.report(source.name);
      } catch (error) {
        if (!stopped.signal.aborted) outage.report(source.name, error);
      }
      await sleep(lookEveryMs, undefined, { signal: stopped.signal, ref: false }).catch(() => {});
    }
    await current?.end();
  }

  const following = sources.map(follow);
  return {
    stop: async () => {
      stopped.abort();
      await Promise.all(following);
      database.destroy();
      streams.destroy();
    },
  };
}

/** Warns once per outage of the database, however many reads fail: an outage has ended when every reader has had an answer again. */
class Outage {
  readonly #affected = new Set<string>();
  readonly #warn: (error: string) => void;

  constructor(warn: (error: string) => void) {
    this.#warn = warn;
  }

  report(caller: string, error?: unknown): void {
    if (error === undefined) {
      this.#affected.delete(caller);
    } else {
      if (this.#affected.size === 0) this.#warn(nameOf(error));
      this.#affected.add(caller);
    }
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error ? String(error.code) : error.name;
}
