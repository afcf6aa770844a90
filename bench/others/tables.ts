import { CreateTableCommand, DynamoDBClient, type KeySchemaElement } from '@aws-sdk/client-dynamodb';
import { localConfig } from '../../test/support/table.ts';
import type { Place } from './design.ts';

let tables = 0;

/** The names of the two attributes of a key. Both are strings. */
export type KeyNames = [partition: string, sort: string];

export interface IndexToCreate {
  name: string;
  key: KeyNames;
}

/**
 * Creates a table.
 * @param index a global secondary index with all attributes
 * @returns its name
 */
export async function createTable(
  { endpoint, withStream }: Place,
  key: KeyNames,
  index?: IndexToCreate,
): Promise<string> {
  const TableName = `bench-${process.pid}-${Date.now()}-${++tables}`;
  const names = [...new Set([...key, ...(index?.key ?? [])])];
  const client = new DynamoDBClient(localConfig(endpoint));
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: schema(key),
      ...(index && {
        GlobalSecondaryIndexes: [
          { IndexName: index.name, KeySchema: schema(index.key), Projection: { ProjectionType: 'ALL' } },
        ],
      }),
      ...(withStream && { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } }),
    }),
  );
  client.destroy();
  return TableName;
}

const schema = ([partition, sort]: KeyNames): KeySchemaElement[] => [
  { AttributeName: partition, KeyType: 'HASH' },
  { AttributeName: sort, KeyType: 'RANGE' },
];
