import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { type Deps, newDeps, newMemory } from '../../core/deps.ts';
import { DomainError, type ErrorCode } from '../../core/errors.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import type { FaultLayer, Plan } from '../support/faults.ts';
import type { Answer } from '../support/model.ts';
import { localConfig } from '../support/table.ts';
import { alive, Crash, type Life } from './life.ts';

/** Where things happen: one table, and how to reach it. */
export interface Place {
  /** Undisturbed. */
  table: Table;
  endpoint: string;
}

/** A process has its own memory and its own clock, and lives until a crash. */
export interface Process {
  life: Life;
  deps: Pick<Deps, 'now' | 'memory' | 'retryBudget'>;
}

export const newProcess = (now: Deps['now'], retryBudget: number): Process => ({
  life: alive(),
  deps: { now, memory: newMemory(), retryBudget },
});

/**
 * One invocation in a process, with a client of its own, so that its calls can be counted and fail.
 * @param expected refusals that are right here
 * @throws what is neither an expected refusal nor an outage: a bug
 */
export async function invoke<Result>(
  { table, endpoint }: Place,
  { life, deps }: Process,
  [layer, plan]: [FaultLayer, Plan],
  verb: (deps: Deps) => Promise<Result>,
  expected: ErrorCode[] = [],
): Promise<Answer<Result>> {
  const own = openTable(table.name, {
    ...localConfig(endpoint),
    requestHandler: table.client.config.requestHandler, // its connections serve all
    retryStrategy: new ConfiguredRetryStrategy(3, () => 1), // three tries as always, without the long pauses
  });
  layer.on(own, plan, life);
  try {
    return { accepted: await life.until(verb(newDeps(own, deps))) };
  } catch (error) {
    if (error instanceof DomainError && [...notNow, ...expected].some((code) => error.is(code))) return 'refused';
    if (isOutage(error)) return 'unknown';
    throw error;
  }
}

const notNow: ErrorCode[] = ['message_group_busy', 'throttled'];

// What the fault layer throws, and what DynamoDB says of a transaction that is still under way.
function isOutage(error: unknown): boolean {
  if (error instanceof Crash) return true;
  const { name, code } = error as { name?: string; code?: string };
  return name === 'TimeoutError' || code === 'ECONNRESET' || name === 'TransactionInProgressException';
}
