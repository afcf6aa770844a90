import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** The one table, and the client that reaches it. */
export interface Table {
  client: DynamoDBDocumentClient;
  name: string;
}

/**
 * Opens the table. Region, credentials and a local endpoint come from the environment, as the SDK reads it.
 * @param config overrides for tests and commands
 */
export function openTable(name: string, config: DynamoDBClientConfig = {}): Table {
  const client = new DynamoDBClient({
    // The SDK waits for an answer for ever by default. A transaction takes milliseconds: after this a retry, which carries the
    // same token, is the better bet. Three tries fit into a function's 20 s; the SDK's four for DynamoDB would not.
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
    maxAttempts: 3,
    ...config,
  });
  return { client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }), name };
}
