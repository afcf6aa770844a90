import { afterAll } from 'vitest';
import { startDynamoDbLocal } from './start-dynamodb-local.ts';

// Starts one DynamoDB Local per test file that imports this. A shared one would be slower: each write takes longer, the more records
// the streams of older tables hold (DynamoDB Local 1.25.1: 5 ms in an empty database, 60 ms after 18,000 records; dropping the older
// tables does not help).
const { endpoint, stop } = await startDynamoDbLocal();
afterAll(stop);

export const dynamodbEndpoint = endpoint;
