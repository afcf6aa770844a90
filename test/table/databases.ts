import type { TestProject } from 'vitest/node';
import { startDynamoDbLocal } from '../support/start-dynamodb-local.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of a DynamoDB Local for each worker. */
    databases: string[];
  }
}

/** Starts a DynamoDB Local for each worker, not for each file: Java takes a second or two to start, and longer to become fast. */
export default async function setUp({ provide, config }: TestProject): Promise<() => Promise<unknown>> {
  const workers = Array.from({ length: Number(config.maxWorkers) }, () => startDynamoDbLocal());
  const databases = await Promise.all(workers);
  provide(
    'databases',
    databases.map(({ endpoint }) => endpoint),
  );
  return () => Promise.all(databases.map(({ stop }) => stop()));
}
