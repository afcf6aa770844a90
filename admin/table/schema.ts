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

// Tables as such: made, listed and dropped by the operator's commands. In AWS, CloudFormation makes them.

/** The properties of an `AWS::DynamoDB::Table` that matter to a table on this machine. */
export interface TableProperties
  extends Pick<CreateTableCommandInput, 'AttributeDefinitions' | 'KeySchema' | 'BillingMode'> {
  StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' };
  TimeToLiveSpecification: { AttributeName: string; Enabled: boolean };
}

const maxWaitTime = 120; // seconds
const quickly = { maxWaitTime, minDelay: 1, maxDelay: 2 }; // seconds: on this machine it takes none

/** What CreateTable takes to make the table that a template declares. */
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
 * Makes the table and waits until it and its stream are active, and items expire.
 * @returns false when there is one of this name already: it stays as it is
 */
export async function createTable(
  { client, name }: Table,
  properties: TableProperties,
  stream: Stream,
): Promise<boolean> {
  try {
    await client.send(new CreateTableCommand(tableInput(name, properties)));
  } catch (error) {
    if (error instanceof ResourceInUseException) return false;
    throw error;
  }
  await waitUntilTableExists({ client, ...quickly }, { TableName: name });
  const TimeToLiveSpecification = properties.TimeToLiveSpecification;
  await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }));
  const { LatestStreamArn } = (await describeTable({ client, name })) ?? {};
  while (LatestStreamArn && (await streamStatus(stream, LatestStreamArn)) === 'ENABLING');
  return true;
}

/**
 * Deletes a table with all that is in it, and waits until it is gone.
 * @returns false when there was none
 */
export async function dropTable({ client, name }: Table): Promise<boolean> {
  try {
    await client.send(new DeleteTableCommand({ TableName: name }));
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
  await waitUntilTableNotExists({ client, ...quickly }, { TableName: name });
  return true;
}

/** @returns undefined when there is no such table */
export async function describeTable({ client, name }: Table): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Every table that the client sees, whoever it belongs to. */
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
