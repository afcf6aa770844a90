import { type Deps, newDeps } from '../core/deps.ts';
import { limitsFrom } from '../core/model/limits.ts';
import { openTable } from '../core/table/client.ts';

/** Created once per function instance, so that warm invocations reuse connections and cache. */
export const deps = newDeps(openTable(tableName()), { limits: limitsFrom(process.env.LIMITS || '{}') });

/**
 * For Cognito triggers, which must answer within five seconds: at most two attempts of one second each if the database does not
 * respond, and a retry budget of 1.5 s.
 * @returns new dependencies with their own client
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
  if (!name) throw new Error('TABLE_NAME is not set: serverless.yml must set it for this function');
  return name;
}
