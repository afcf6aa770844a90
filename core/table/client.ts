import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Runtime, systemRuntime } from './runtime.ts';

/** The table's name, a client for it, and the clock by which its retries wait. */
export interface Table {
  client: DynamoDBDocumentClient;
  name: string;
  runtime: Runtime;
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
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  return { client: documents, name, runtime: systemRuntime };
}
