import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { type Deps, newDeps, newMemory } from '../../core/deps.ts';
import { DomainError, type ErrorCode } from '../../core/errors.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import { systemRuntime } from '../../core/table/runtime.ts';
import type { FaultLayer, Plan } from '../support/faults.ts';
import { unlimited } from '../support/limits.ts';
import type { Answer } from '../support/model.ts';
import { localConfig } from '../support/table.ts';
import { Crash, type Lifetime, newLifetime } from './lifetime.ts';

/** The table that all processes of a run share. */
export interface Database {
  /** Without faults. */
  table: Table;
  endpoint: string;
}

/** A Lambda process: its own memory, its own clock, and a lifetime that a crash ends. */
export interface Process {
  lifetime: Lifetime;
  deps: Pick<Deps, 'now' | 'memory' | 'retryBudget'>;
}

export const newProcess = (now: Deps['now'], retryBudget: number): Process => ({
  lifetime: newLifetime(),
  deps: { now, memory: newMemory(systemRuntime), retryBudget },
});

/**
 * One invocation in a process, with its own client, so that faults can be injected into its calls.
 * @param expected domain errors that are correct here
 * @throws every error that is neither expected nor an outage: it shows a bug
 */
export async function invoke<Result>(
  { table, endpoint }: Database,
  { lifetime, deps }: Process,
  [layer, plan]: [FaultLayer, Plan],
  verb: (deps: Deps) => Promise<Result>,
  expected: ErrorCode[] = [],
): Promise<Answer<Result>> {
  const own = openTable(table.name, {
    ...localConfig(endpoint),
    requestHandler: table.client.config.requestHandler, // all invocations share its connections
    retryStrategy: new ConfiguredRetryStrategy(3, () => 1), // three attempts as usual, without the long pauses
  });
  layer.on(own, plan, lifetime);
  try {
    return { accepted: await lifetime.until(verb(newDeps(own, { limits: unlimited, ...deps }))) };
  } catch (error) {
    if (error instanceof DomainError && [...retryable, ...expected].some((code) => error.is(code))) return 'rejected';
    if (isOutage(error)) return 'unknown';
    throw error;
  }
}

const retryable: ErrorCode[] = ['message_group_busy', 'throttled'];

// The errors of the fault layer, and DynamoDB's error for a transaction that is still under way.
function isOutage(error: unknown): boolean {
  if (error instanceof Crash) return true;
  const { name, code } = error as { name?: string; code?: string };
  return name === 'TimeoutError' || code === 'ECONNRESET' || name === 'TransactionInProgressException';
}
