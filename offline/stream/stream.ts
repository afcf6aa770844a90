import { DescribeStreamCommand, type Shard } from '@aws-sdk/client-dynamodb-streams';
import type { Checkpoint } from './checkpoint.ts';
import { consumeShard, type StreamConsumer } from './shard.ts';

const troublePauseMs = 1_000;

/**
 * Consumes one stream for one function: every present and future shard, each after its parent is read and delivered
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html: "always process a parent shard before
 * it processes any of its child shards"), until `signal` is aborted.
 */
export class StreamRun {
  readonly #consumer: StreamConsumer;
  readonly #checkpoint: Checkpoint;
  readonly #states = new Map<string, 'consuming' | 'drained'>();
  readonly #running = new Set<Promise<void>>();
  #listed: ReadonlySet<string> = new Set();
  #startOfUnknown: 'TRIM_HORIZON' | 'LATEST';

  /** @param startingPosition of the present shards; later ones are read from their start */
  constructor(consumer: StreamConsumer, checkpoint: Checkpoint, startingPosition: 'TRIM_HORIZON' | 'LATEST') {
    this.#consumer = consumer;
    this.#checkpoint = checkpoint;
    this.#startOfUnknown = startingPosition;
  }

  /**
   * Starts the shards that can be read now. Called regularly, since DynamoDB may close a shard and open the next at any time.
   * @throws what DescribeStream throws
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
        this.#states.set(shardId, 'drained'); // all of its records lie before "now"
      } else if (!this.#listed.has(parent) || this.#states.get(parent) === 'drained') {
        this.#states.set(shardId, 'consuming');
        const run = this.#consume(shardId, this.#startOfUnknown).finally(() => this.#running.delete(run));
        this.#running.add(run);
      }
    }
    this.#startOfUnknown = 'TRIM_HORIZON';
  }

  /** Fulfilled when all shards have stopped, after `signal` was aborted. */
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
        await this.discover().catch(() => {}); // starts its children at once; if this fails, the next regular call does
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
