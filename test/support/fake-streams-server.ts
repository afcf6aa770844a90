import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface FakeShard {
  ShardId: string;
  ParentShardId?: string;
  closed: boolean;
  records: { SequenceNumber: string; key: string; name: string }[];
  /** The number of oldest records that are gone. */
  trimmed: number;
}

/**
 * A fake DynamoDB with the stream of one table, for what DynamoDB Local never does: shards that split, iterators that expire,
 * records that are trimmed. Implements the part of the JSON protocol that the poller uses.
 */
export class FakeStreams {
  readonly table = 'messages';
  streamArn: string | undefined;
  /** The shard of every GetRecords call that was answered. */
  readonly reads: string[] = [];
  /** The number of DescribeTable calls. */
  looks = 0;
  /** While set, every request is counted and its connection closed. */
  cutsOff = false;
  rejected = 0;
  port = 0;
  #shards: FakeShard[] = [];
  #server: Server | undefined;
  #sequence = 0;
  #generation = 0;

  /** Creates the table, or creates it again: a new stream with one shard. */
  createTable(label: string): void {
    this.streamArn = `arn:aws:dynamodb:ddblocal:000000000000:table/${this.table}/stream/${label}`;
    this.#shards = [];
    this.openShard(`${label}-0`);
  }

  dropTable(): void {
    this.streamArn = undefined;
    this.#shards = [];
  }

  openShard(id: string, parent?: string): void {
    this.#shards.push({
      ShardId: id,
      ...(parent && { ParentShardId: parent }),
      closed: false,
      records: [],
      trimmed: 0,
    });
  }

  closeShard(id: string): void {
    this.#shard(id).closed = true;
  }

  /** Writes one record with a partition key and a sort key, its name. */
  write(shardId: string, key: string, name: string): void {
    this.#sequence += 1;
    this.#shard(shardId).records.push({ SequenceNumber: String(this.#sequence).padStart(21, '0'), key, name });
  }

  /** Drops the shard's oldest records, as DynamoDB does after a day. */
  trim(shardId: string, count: number): void {
    this.#shard(shardId).trimmed = count;
  }

  /** The shard is no longer listed and cannot be read. */
  forgetShard(shardId: string): void {
    this.#shards = this.#shards.filter((shard) => shard.ShardId !== shardId);
  }

  expireIterators(): void {
    this.#generation += 1;
  }

  /** Listens, the first time on a free port, then on the same one. */
  async start(): Promise<void> {
    const server = createServer(async (request, response) => {
      if (this.cutsOff) {
        this.rejected += 1;
        request.socket.destroy();
        return;
      }
      let body = '';
      for await (const chunk of request) body += chunk;
      const operation = String(request.headers['x-amz-target']).split('.')[1];
      const [status, answer] = this.#answer(String(operation), JSON.parse(body));
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer));
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  #answer(operation: string, input: Record<string, string>): [number, object] {
    const refuse = (name: string): [number, object] => [
      400,
      { __type: `com.amazonaws.dynamodb#${name}`, message: name },
    ];
    if (operation === 'DescribeTable') {
      this.looks += 1;
      if (this.streamArn === undefined) return refuse('ResourceNotFoundException');
      const KeySchema = [
        { AttributeName: 'sk', KeyType: 'RANGE' },
        { AttributeName: 'pk', KeyType: 'HASH' },
      ];
      return [200, { Table: { TableName: this.table, LatestStreamArn: this.streamArn, KeySchema } }];
    }
    if (operation === 'DescribeStream') {
      if (input.StreamArn !== this.streamArn) return refuse('ResourceNotFoundException');
      // One shard per page: more than 100 shards come in pages too.
      const index = this.#shards.findIndex((shard) => shard.ShardId === input.ExclusiveStartShardId) + 1;
      const Shards = this.#shards.slice(index, index + 1).map(({ ShardId, ParentShardId, closed }) => ({
        ShardId,
        ParentShardId,
        SequenceNumberRange: { StartingSequenceNumber: '1', ...(closed && { EndingSequenceNumber: '9' }) },
      }));
      const LastEvaluatedShardId = index + 1 < this.#shards.length ? this.#shards[index]?.ShardId : undefined;
      return [200, { StreamDescription: { StreamArn: this.streamArn, Shards, LastEvaluatedShardId } }];
    }
    const [arn, shardId, place, generation] =
      operation === 'GetRecords'
        ? String(input.ShardIterator).split('|')
        : [input.StreamArn, input.ShardId, '', String(this.#generation)];
    const shard = this.#shards.find((one) => one.ShardId === shardId);
    if (arn !== this.streamArn || !shard) return refuse('ResourceNotFoundException');
    if (operation === 'GetShardIterator') {
      const after = shard.records.findIndex((record) => record.SequenceNumber === input.SequenceNumber) + 1;
      const from = {
        TRIM_HORIZON: shard.trimmed,
        LATEST: shard.records.length,
        AT_SEQUENCE_NUMBER: after - 1,
        AFTER_SEQUENCE_NUMBER: after,
      };
      const start = from[input.ShardIteratorType as keyof typeof from];
      if (start < shard.trimmed) return refuse('TrimmedDataAccessException');
      return [200, { ShardIterator: [arn, shardId, start, this.#generation].join('|') }];
    }
    if (Number(generation) !== this.#generation) return refuse('ExpiredIteratorException');
    this.reads.push(shard.ShardId);
    const next = Math.min(Number(place) + Number(input.Limit), shard.records.length);
    const ended = shard.closed && next === shard.records.length;
    const NextShardIterator = ended ? undefined : [arn, shardId, next, this.#generation].join('|');
    const Records = shard.records.slice(Number(place), next).map(({ SequenceNumber, key, name }) => ({
      eventID: SequenceNumber,
      eventName: 'INSERT',
      dynamodb: {
        ApproximateCreationDateTime: 1_700_000_000,
        Keys: { pk: { S: key }, sk: { S: name } },
        SequenceNumber,
        SizeBytes: 10,
        StreamViewType: 'KEYS_ONLY',
      },
    }));
    return [200, { Records, NextShardIterator }];
  }

  #shard(id: string): FakeShard {
    const shard = this.#shards.find((one) => one.ShardId === id);
    if (!shard) throw new Error(`no shard ${id}`);
    return shard;
  }
}
