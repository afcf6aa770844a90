import { randomUUID } from 'node:crypto';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord } from 'aws-lambda';
import type { Table } from '../../core/table/client.ts';
import { toLambdaRecord } from '../../offline/stream/lambda-record.ts';
import { eventually } from './eventually.ts';
import { load, localConfig } from './table.ts';

/**
 * Follows the stream of a table of DynamoDB Local, which has one shard.
 * @returns a function that returns the records of all that was written since it was called last
 */
export async function followStream(table: Table, endpoint: string): Promise<() => Promise<DynamoDBRecord[]>> {
  const client = new DynamoDBStreamsClient(localConfig(endpoint));
  const { Table: description } = await table.client.send(new DescribeTableCommand({ TableName: table.name }));
  const StreamArn = description?.LatestStreamArn ?? '';
  const ShardId = await eventually(async () => {
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
    const [shard, ...others] = StreamDescription?.Shards ?? [];
    if (!shard?.ShardId || others.length > 0) throw new Error('the stream does not have exactly one shard');
    return shard.ShardId;
  });
  const start = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
  let { ShardIterator } = await client.send(new GetShardIteratorCommand(start));
  const nextPage = async () => {
    const page = await client.send(new GetRecordsCommand({ ShardIterator }));
    ShardIterator = page.NextShardIterator;
    return (page.Records ?? []).map((record) => toLambdaRecord(record, StreamArn, 'us-east-1'));
  };
  return async () => {
    // Whatever stands before this item in the stream was written before.
    const end = `END#${randomUUID()}`;
    await load(table, [{ pk: end, sk: 'END' }]);
    const records: DynamoDBRecord[] = [];
    const isEnd = (record: DynamoDBRecord) => record.dynamodb?.Keys?.pk?.S === end;
    await eventually(async () => {
      records.push(...(await nextPage()));
      if (!records.some(isEnd)) throw new Error('the stream has not come to the last write');
    }, 20_000);
    return records.filter((record) => !isEnd(record));
  };
}
