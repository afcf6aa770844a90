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
import { localCredentials, localSettings, type ServerlessLike } from './settings.ts';

/** What making the table needs of a Serverless instance. */
export interface Serverless extends ServerlessLike {
  pluginManager: { spawn(command: string): Promise<void> };
  service: ServerlessLike['service'] & { resources: { Resources: Record<string, TableResource> } };
}

interface TableResource {
  Properties?: { TableName?: string; TimeToLiveSpecification?: { AttributeName: string } };
}

/**
 * Makes the table and seeds it, both by serverless-dynamodb, if there is none yet. A table that is there (a database on
 * disk) is left alone, since seeding it again would rewind live conversations; unless the start that made it died before
 * its seeding ended, so that nobody has used it: the marker file stands from before the table is made until it is seeded.
 */
export async function makeTable(serverless: Serverless): Promise<void> {
  const { tableName, ports, region, stateFolder } = localSettings(serverless);
  const endpoint = `http://localhost:${ports.dynamodb}`;
  const client = new DynamoDBClient({ endpoint, region, credentials: localCredentials });
  const marker = join(stateFolder, 'seeding');
  const lifetime = expiry(serverless, tableName); // read before migrating, which strikes it from the template

  if (!(await exists(client, tableName))) {
    await writeFile(marker, '');
    await serverless.pluginManager.spawn('dynamodb:migrate');
  }
  await enableExpiry(client, tableName, lifetime);
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

/** serverless-dynamodb leaves out the time to live of the template, although DynamoDB Local can do it. */
async function enableExpiry(client: DynamoDBClient, tableName: string, attribute: string): Promise<void> {
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: tableName }));
  if (TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED') return; // enabling it twice is an error
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: tableName,
      TimeToLiveSpecification: { AttributeName: attribute, Enabled: true },
    }),
  );
}

/** The attribute that the template says items expire by. */
function expiry(serverless: Serverless, tableName: string): string {
  const resources = Object.values(serverless.service.resources.Resources);
  const table = resources.find(({ Properties }) => Properties?.TableName === tableName);
  const attribute = table?.Properties?.TimeToLiveSpecification?.AttributeName;
  if (!attribute) throw new Error(`the template declares no time to live for table ${tableName}`);
  return attribute;
}
