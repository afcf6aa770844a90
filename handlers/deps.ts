import { type Deps, newDeps } from '../core/deps.ts';
import { openTable } from '../core/table/client.ts';

/** Made once per function instance: the connection stays open, and a warm function remembers what it saw. */
export const deps = newDeps(openTable(tableName()));

/**
 * For whoever is waited for by Cognito, which gives a trigger five seconds: two tries of a second each at a database that does
 * not answer, and competitors for a second and a half.
 */
export const triggerDeps = (): Deps =>
  newDeps(
    openTable(tableName(), {
      requestHandler: { connectionTimeout: 1_000, requestTimeout: 1_000, throwOnRequestTimeout: true },
      maxAttempts: 2,
    }),
    { retryBudget: 1_500 },
  );

function tableName(): string {
  const name = process.env.TABLE_NAME;
  if (!name) throw new Error('TABLE_NAME is not set: serverless.yml sets it for every function');
  return name;
}
