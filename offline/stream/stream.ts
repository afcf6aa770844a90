import { DescribeStreamCommand, type Shard } from '@aws-sdk/client-dynamodb-streams';
import type { Checkpoint } from './checkpoint.ts';
import { consumeShard, type StreamConsumer } from './shard.ts';

const troublePauseMs = 1_000;

/**
 * Consumes one stream for one function until `signal` is aborted: every shard that exists now or appears later, each
 * after its parent is read and delivered. AWS demands that order: "always process a parent shard before it processes
 * any of its child shards" (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html).
 */
export class StreamRun {
  readonly #consumer: StreamConsumer;
  readonly #checkpoint: Checkpoint;
  readonly #states = new Map<string, 'consuming' | 'drained'>();
  readonly #running = new Set<Promise<void>>();
  #listed: ReadonlySet<string> = new Set();
  #startOfUnknown: 'TRIM_HORIZON' | 'LATEST';

  /** @param startingPosition for the shards that exist now; later shards are read from their start */
  constructor(consumer: StreamConsumer, checkpoint: Checkpoint, startingPosition: 'TRIM_HORIZON' | 'LATEST') {
    this.#consumer = consumer;
    this.#checkpoint = checkpoint;
    this.#startOfUnknown = startingPosition;
  }

  /**
   * Starts to read the shards whose parents are finished. It must be called regularly, since DynamoDB may close a
   * shard and open the next one at any time.
   * @throws errors of DescribeStream
   */
  async discover(): Promise<void> {
    const { streamArn, source, signal } = this.#consumer;
    const shards = await this.#listShards();
    if (signal.aborted) return;
    this.#listed = new Set(shards.map((shard) => shard.ShardId ?? ''));
    this.#checkpoint.keepOnly(streamArn, source.name, this.#listed);
    for (const { ShardId: shardId = '', ParentShardId: parent = '', SequenceNumberRange: range } of shards) {
      if (this.#states.has(shardId)) continue;
      const known = this.#checkpoint.of(streamArn, source.name)[shardId];
      if (this.#startOfUnknown === 'LATEST' && known === undefined && range?.EndingSequenceNumber !== undefined) {
        // The shard was closed before this start, so all of its records are older than "now", where LATEST begins.
        this.#states.set(shardId, 'drained');
      } else if (!this.#listed.has(parent) || this.#states.get(parent) === 'drained') {
        this.#states.set(shardId, 'consuming');
        const run = this.#consume(shardId, this.#startOfUnknown).finally(() => this.#running.delete(run));
        this.#running.add(run);
      }
    }
    this.#startOfUnknown = 'TRIM_HORIZON';
  }

  /** Resolves when all shards have stopped, after `signal` was aborted. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #consume(shardId: string, startOfUnknown: 'TRIM_HORIZON' | 'LATEST'): Promise<void> {
    const { source, streamArn, signal, wait, onTrouble } = this.#consumer;
    while (!signal.aborted) {
      const after = this.#checkpoint.of(streamArn, source.name)[shardId];
      const start = after === undefined ? startOfUnknown : { after };
      try {
        await consumeShard(this.#consumer, shardId, start, () => this.#listed.has(shardId));
        this.#states.set(shardId, 'drained');
        // Starts the shard's children without waiting; if it fails, the next regular call starts them.
        await this.discover().catch(() => {});
        return;
      } catch (error) {
        if (!signal.aborted) onTrouble(error);
        await wait(troublePauseMs).catch(() => {});
      }
    }
  }

  async #listShards(): Promise<Shard[]> {
    const { client, streamArn, signal } = this.#consumer;
    const shards: Shard[] = [];
    let next: string | undefined;
    do {
      const command = new DescribeStreamCommand({ StreamArn: streamArn, ExclusiveStartShardId: next });
      const { StreamDescription: page } = await client.send(command, { abortSignal: signal });
      shards.push(...(page?.Shards ?? []));
      next = page?.LastEvaluatedShardId;
    } while (next !== undefined);
    return shards;
  }
}
