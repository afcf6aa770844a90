import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** The table's name, and a client for it. */
export interface Table {
  client: DynamoDBDocumentClient;
  name: string;
}

/**
 * Opens the table. The SDK reads region, credentials and a local endpoint from the environment.
 * @param config overrides of the client's settings, for tests and commands
 */
export function openTable(name: string, config: DynamoDBClientConfig = {}): Table {
  const client = new DynamoDBClient({
    // By default the SDK waits for an answer without a limit. A transaction takes milliseconds, so after 5 s a retry with the same
    // token is more likely to succeed. Three attempts fit into a function's 20 s; the SDK's default for DynamoDB, four, would not.
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
    maxAttempts: 3,
    ...config,
  });
  return { client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }), name };
}
