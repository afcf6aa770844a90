import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { dropTable } from '../admin/table/schema.ts';
import { openTable } from '../core/table/client.ts';
import { localCredentials, localSettings, type ServerlessLike } from './settings.ts';

/** What creating the table needs of a Serverless instance. */
export interface ServerlessWithTable extends ServerlessLike {
  pluginManager: { spawn(command: string): Promise<void> };
  service: ServerlessLike['service'] & { resources: { Resources: Record<string, TableResource> } };
}

interface TableResource {
  Properties?: { TableName?: string; TimeToLiveSpecification?: { AttributeName: string } };
}

/**
 * Creates and seeds the table, both by serverless-dynamodb, if it does not exist. An existing table (a database on disk) is not seeded
 * again, since the seeds would overwrite conversations that users have continued. The exception is a table whose seeding was
 * interrupted: no user has used it yet. It is deleted and made again, since the seeds have other times, and so other keys, at each
 * loading. A marker file, which exists from before the creation to the end of the seeding, tells that.
 */
export async function createTable(serverless: ServerlessWithTable): Promise<void> {
  const { tableName, ports, region, stateFolder } = localSettings(serverless);
  const endpoint = `http://localhost:${ports.dynamodb}`;
  const client = new DynamoDBClient({ endpoint, region, credentials: localCredentials });
  const marker = join(stateFolder, 'seeding');
  // Read it first: serverless-dynamodb removes it from the template when it creates the table.
  const attribute = expiryAttribute(serverless, tableName);

  if (existsSync(marker)) await dropTable(openTable(tableName, { endpoint, region, credentials: localCredentials }));
  if (!(await exists(client, tableName))) {
    await writeFile(marker, '');
    await serverless.pluginManager.spawn('dynamodb:migrate');
  }
  await enableExpiry(client, tableName, attribute);
  if (existsSync(marker)) {
    await serverless.pluginManager.spawn('dynamodb:seed');
    await rm(marker);
  }
  client.destroy();
}

async function exists(client: DynamoDBClient, tableName: string): Promise<boolean> {
  try {
    await client.send(new DescribeTableCommand({ TableName: tableName }));
    return true;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
}

/** Turns on time to live, as the template says. DynamoDB Local supports it, but serverless-dynamodb leaves it out. */
async function enableExpiry(client: DynamoDBClient, tableName: string, attribute: string): Promise<void> {
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: tableName }));
  // DynamoDB answers an error when it is enabled twice
  if (TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED') return;
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: tableName,
      TimeToLiveSpecification: { AttributeName: attribute, Enabled: true },
    }),
  );
}

/** The time-to-live attribute of the table in the template. */
function expiryAttribute(serverless: ServerlessWithTable, tableName: string): string {
  const resources = Object.values(serverless.service.resources.Resources);
  const table = resources.find(({ Properties }) => Properties?.TableName === tableName);
  const attribute = table?.Properties?.TimeToLiveSpecification?.AttributeName;
  if (!attribute) throw new Error(`the template declares no time to live for table ${tableName}`);
  return attribute;
}
