import process from 'node:process';
import type { Table } from '../../core/table/client.ts';
import { localConfig } from '../../test/support/table.ts';

/**
 * Sets the environment of the functions, as serverless.yml does, with DynamoDB Local's address. Handlers read it when they are imported, so
 * they are imported afterwards, and a process can have only one.
 */
export function setFunctionEnvironment({ name }: Table, endpoint: string): void {
  const { credentials, region } = localConfig(endpoint);
  Object.assign(process.env, {
    TABLE_NAME: name,
    POWERTOOLS_SERVICE_NAME: 'bench',
    POWERTOOLS_METRICS_NAMESPACE: 'bench',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
}

/** Runs a function whose log goes nowhere. */
export async function silently<T>(run: () => Promise<T>): Promise<T> {
  const { write } = process.stdout;
  process.stdout.write = () => true;
  try {
    return await run();
  } finally {
    process.stdout.write = write;
  }
}
