import { vi } from 'vitest';
import type { Table } from '../../core/table/client.ts';
import { localConfig } from './table.ts';

/**
 * Sets the environment variables of Lambda. Handlers read them when they are imported, so import handlers afterwards.
 * @param endpoint the address of DynamoDB Local, or of a proxy in front of it
 */
export function stubLambdaEnvironment(table: Table, endpoint: string): void {
  const { credentials, region } = localConfig(endpoint);
  vi.stubEnv('TABLE_NAME', table.name);
  vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'test');
  vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'test');
  vi.stubEnv('COGNITO_CLIENT_ID', 'test');
  vi.stubEnv('COGNITO_ENDPOINT', 'https://sign-in.example.com');
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', endpoint);
  vi.stubEnv('AWS_REGION', region);
  vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
}
