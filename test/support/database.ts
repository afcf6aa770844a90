import { inject } from 'vitest';
import type {} from '../table/databases.ts'; // declares `inject('databases')`

const databases = inject('databases');

/** The DynamoDB Local of this worker, in which each test file makes tables of its own. A table with a stream needs own-database.ts. */
export const dynamodbEndpoint = databases[Number(process.env.VITEST_POOL_ID) % databases.length] as string;
