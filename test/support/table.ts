import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { tableInput } from '../../admin/table/schema.ts';
import { tableProperties } from '../../bin/commands/schema-load.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import type { Item } from '../../core/table/items.ts';

/** The CreateTable input for the table of resources/table.yml. */
export const tableDefinition = (name: string) => tableInput(name, tableProperties());

/** Client settings for DynamoDB Local. Throws for any other address: tests never use a table in AWS. */
export function localConfig(endpoint: string) {
  if (!['127.0.0.1', '[::1]', 'localhost'].includes(new URL(endpoint).hostname)) {
    throw new Error(`tests only connect to this machine, not to ${endpoint}`);
  }
  return { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
}

let tables = 0;

/**
 * Creates an empty table for one test file.
 * @param withStream default false: DynamoDB Local writes the more slowly, the more records its streams hold
 */
export async function newTable(endpoint: string, { withStream = false } = {}): Promise<Table> {
  const name = `test-${process.pid}-${Date.now()}-${++tables}`;
  const config = localConfig(endpoint);
  const { StreamSpecification, ...definition } = tableDefinition(name);
  const command = new CreateTableCommand({ ...definition, ...(withStream && { StreamSpecification }) });
  await new DynamoDBClient(config).send(command);
  return openTable(name, config);
}

/** Puts items unchecked: a test's initial data, or deliberate damage. */
export const load = (table: Table, items: Item[]): Promise<void> =>
  writeAll(
    table,
    items.map((Item) => ({ PutRequest: { Item } })),
  );

/** Deletes every item of a table: quicker than a new table, see database.ts. */
export async function empty(table: Table): Promise<void> {
  const items = await dump(table);
  await writeAll(
    table,
    items.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })),
  );
}

type WriteRequest = { PutRequest: { Item: Item } } | { DeleteRequest: { Key: Item } };

async function writeAll(table: Table, requests: WriteRequest[]): Promise<void> {
  for (let start = 0; start < requests.length; start += 25) {
    const RequestItems = { [table.name]: requests.slice(start, start + 25) };
    await table.client.send(new BatchWriteCommand({ RequestItems }));
  }
}

/**
 * Every item with a partition key, in the order of the sort keys.
 * @throws Error if they are more than one page
 */
export async function partition(table: Table, pk: string): Promise<Item[]> {
  const { Items = [], LastEvaluatedKey } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      ConsistentRead: true,
    }),
  );
  if (LastEvaluatedKey) throw new Error(`${pk} has more items than one page, and the test reads only one`);
  return Items;
}

/** Every item of a table whose partition key starts with a prefix. */
export async function dump(table: Table, prefix = ''): Promise<Item[]> {
  const items: Item[] = [];
  let ExclusiveStartKey: Item | undefined;
  do {
    const page = await table.client.send(
      new ScanCommand({ TableName: table.name, ConsistentRead: true, ...(ExclusiveStartKey && { ExclusiveStartKey }) }),
    );
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return items.filter(({ pk }) => String(pk).startsWith(prefix)).sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

const key = ({ pk, sk }: Item) => `${pk} ${sk}`;
