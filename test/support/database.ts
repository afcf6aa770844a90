import { afterAll } from 'vitest';
import { startDynamoDbLocal } from './start-dynamodb-local.ts';

// A DynamoDB Local for the test file that imports this, and for it alone. One for all files would be slower: the more records
// there are in the streams of older tables, the longer takes every write to a younger one (DynamoDB Local 1.25.1: 5 ms in an
// empty database, 60 ms behind 18,000 records; dropping the older tables does not help).
const { endpoint, stop } = await startDynamoDbLocal();
afterAll(stop);

export const dynamodbEndpoint = endpoint;
