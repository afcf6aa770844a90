import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeTableCommand,
  ListTablesCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import type { Table } from '../../core/table/client.ts';
import { type Stream, streamStatus } from './stream-reader.ts';

// Creating, listing and deleting tables. Only the local stack's tables are created here: in AWS, CloudFormation does it.

/** The properties of an `AWS::DynamoDB::Table` that a local table needs. */
export interface TableProperties
  extends Pick<CreateTableCommandInput, 'AttributeDefinitions' | 'KeySchema' | 'BillingMode'> {
  StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' };
  TimeToLiveSpecification: { AttributeName: string; Enabled: boolean };
}

// Longer than for other requests. If the SDK repeated one that was carried out without an answer in time, the answer to the repetition
// would be that the table exists already, or that there is none.
const onceOnly = { requestTimeout: 60_000 }; // milliseconds

const waiterOptions = { maxWaitTime: 120, minDelay: 1, maxDelay: 2 }; // seconds

/** @returns the input of CreateTable for a table that a template declares */
export function tableInput(name: string, properties: TableProperties): CreateTableCommandInput {
  const { AttributeDefinitions, KeySchema, BillingMode, StreamSpecification } = properties;
  return {
    TableName: name,
    AttributeDefinitions,
    KeySchema,
    BillingMode,
    StreamSpecification: { ...StreamSpecification, StreamEnabled: true },
  };
}

/**
 * Creates a table with its TTL, and waits until it and its stream are active.
 * @returns false when a table of this name exists already: then it is not changed
 * @throws Error `TimeoutError` when the table is not active after two minutes
 */
export async function createTable(
  { client, name }: Pick<Table, 'client' | 'name'>,
  properties: TableProperties,
  stream: Stream,
): Promise<boolean> {
  try {
    await client.send(new CreateTableCommand(tableInput(name, properties)), onceOnly);
  } catch (error) {
    if (error instanceof ResourceInUseException) return false;
    throw error;
  }
  await waitUntilTableExists({ client, ...waiterOptions }, { TableName: name });
  const TimeToLiveSpecification = properties.TimeToLiveSpecification;
  await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }));
  const { LatestStreamArn } = (await describeTable({ client, name })) ?? {};
  while (LatestStreamArn && (await streamStatus(stream, LatestStreamArn)) === 'ENABLING');
  return true;
}

/**
 * Deletes a table with all its items, and waits until it is gone.
 * @returns false when there is no such table
 * @throws Error `TimeoutError` when the table still exists after two minutes
 */
export async function dropTable({ client, name }: Table): Promise<boolean> {
  try {
    await client.send(new DeleteTableCommand({ TableName: name }), onceOnly);
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
  await waitUntilTableNotExists({ client, ...waiterOptions }, { TableName: name });
  return true;
}

/** @returns undefined when there is no such table */
export async function describeTable({
  client,
  name,
}: Pick<Table, 'client' | 'name'>): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** All tables of the AWS account and region, including those of other services. */
export async function* listTables({ client }: Pick<Table, 'client'>): AsyncGenerator<TableDescription> {
  let ExclusiveStartTableName: string | undefined;
  do {
    const page = await client.send(
      new ListTablesCommand({ ...(ExclusiveStartTableName && { ExclusiveStartTableName }) }),
    );
    for (const name of page.TableNames ?? []) {
      const description = await describeTable({ client, name });
      if (description) yield description;
    }
    ExclusiveStartTableName = page.LastEvaluatedTableName;
  } while (ExclusiveStartTableName);
}
