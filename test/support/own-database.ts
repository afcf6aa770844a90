import { afterAll } from 'vitest';
import { startDynamoDbLocal } from './start-dynamodb-local.ts';

// Starts a DynamoDB Local for the test file that imports this: for tables with a stream, which make every later write slower
// (DynamoDB Local 1.25.1: 5 ms in an empty database, 60 ms after 18,000 records; dropping the tables does not help), and for tables
// whose names are given. The other files use those of database.ts.
const { endpoint, stop } = await startDynamoDbLocal();
afterAll(stop);

export const dynamodbEndpoint = endpoint;
