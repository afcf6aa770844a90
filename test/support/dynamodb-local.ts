import 'vitest';
import type { TestProject } from 'vitest/node';
import { startDynamoDbLocal } from './start-dynamodb-local.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the DynamoDB Local of this test run listens. */
    dynamodbEndpoint: string;
  }
}

/** Vitest global set-up: one DynamoDB Local, in memory, for all table tests; each test file makes its own table in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Who runs vitest many times lends its own database, and saves the start of Java each time.
  const lent = process.env.TEST_DYNAMODB_ENDPOINT;
  const { endpoint, stop } = lent ? { endpoint: lent, stop: async () => {} } : await startDynamoDbLocal();
  project.provide('dynamodbEndpoint', endpoint);
  return stop;
}
