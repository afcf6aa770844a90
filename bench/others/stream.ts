import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { toLambdaRecord } from '../../offline/stream/lambda-record.ts';
import { localConfig } from '../../test/support/table.ts';

/** Reads a table's stream from its start. */
export interface StreamReader {
  /** The records since the last call, in the order of the stream. */
  next: () => Promise<DynamoDBRecord[]>;
  close: () => void;
}

/** Opens the stream of a table on DynamoDB Local, whose shards are there from the beginning. */
export async function openStream(
  database: DynamoDBDocumentClient,
  endpoint: string,
  TableName: string,
): Promise<StreamReader> {
  const client = new DynamoDBStreamsClient(localConfig(endpoint));
  const { Table } = await database.send(new DescribeTableCommand({ TableName }));
  const StreamArn = Table?.LatestStreamArn ?? '';
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
  const shards = (StreamDescription?.Shards ?? []).map(({ ShardId }) => ({ StreamArn, ShardId }));
  if (shards.length === 0) throw new Error(`the stream of ${TableName} has no shard`);
  const iterators: (string | undefined)[] = [];
  return {
    next: async () => {
      const pages = await Promise.all(
        shards.map(async (shard, n) => {
          const start = () => client.send(new GetShardIteratorCommand({ ...shard, ShardIteratorType: 'TRIM_HORIZON' }));
          const ShardIterator = iterators[n] ?? (await start()).ShardIterator;
          const page = await client.send(new GetRecordsCommand({ ShardIterator }));
          // DynamoDB Local refuses the iterator of an empty shard once the shard has a record.
          if (page.Records?.length) iterators[n] = page.NextShardIterator;
          return page.Records ?? [];
        }),
      );
      return pages.flat().map((record) => toLambdaRecord(record, StreamArn, 'us-east-1'));
    },
    close: () => client.destroy(),
  };
}
