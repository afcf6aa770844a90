import { startDynamoDbLocal } from '../../test/support/start-dynamodb-local.ts';
import type { Bench } from './suite.ts';

/** Starts a DynamoDB Local in memory that ends with the suite. @returns its address */
export async function startDatabase({ progress, atEnd }: Pick<Bench, 'progress' | 'atEnd'>): Promise<string> {
  progress('starts DynamoDB Local');
  const { endpoint, stop } = await startDynamoDbLocal({ isLongRunning: true });
  atEnd(stop);
  return endpoint;
}
