import { type CancellationReason, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type DomainError, domainError } from '../errors.ts';
import type { Table } from './client.ts';
import type { Item } from './items.ts';
import { isThrottled, isUncertain } from './outcomes.ts';
import type { Write } from './write-requests.ts';

/** The writes of one transaction by the part that each plays in it, so that a failure can name the part. */
export type Writes<Part extends string> = Partial<Record<Part, Write | undefined>>;

/** The parts whose condition failed, each with the item at its key, if there was one. AWS may leave out some of the parts that failed. */
export type ConditionFailures<Part extends string> = Partial<Record<Part, { item: Item | undefined }>>;

/**
 * Commits all writes or none.
 *
 * A lost answer does not mean that nothing was written. After a timeout or a broken connection the same transaction is sent again
 * with the same `ClientRequestToken`, which DynamoDB remembers for ten minutes, so that it is applied once
 * (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html). Only a definite refusal gets a new token:
 * - While an earlier attempt is unacknowledged, a conflict is no definite refusal: that attempt may still commit, and a new token
 *   would then write twice.
 * - A failed condition is one, unless it may hold later. A head's counters only grow, so what they refuse once they refuse for good, and
 *   messages and rows are written together with them; every other write stores the same content whenever it arrives. A block may end:
 *   then the earlier attempt may still commit.
 * @param deadline milliseconds since 1970, after which no further attempt begins
 * @param mayHoldLater whether conditions that failed may hold later
 * @returns undefined when committed, otherwise the parts whose condition failed
 * @throws DomainError `message_group_busy` or `throttled` at the deadline, nothing written; the last error if the outcome is unknown
 */
export async function transact<Part extends string>(
  table: Table,
  writes: Writes<Part>,
  deadline: number,
  mayHoldLater: (failures: ConditionFailures<Part>) => boolean = () => false,
): Promise<ConditionFailures<Part> | undefined> {
  const parts = (Object.keys(writes) as Part[]).filter((part) => writes[part] !== undefined);
  const TransactItems = parts.map((part) => writes[part] as Write);
  let token = table.runtime.newId();
  let unacknowledged: unknown; // the last error that leaves open whether the transaction with this token was applied
  for (let attempt = 1; ; attempt++) {
    try {
      const command = new TransactWriteCommand({ TransactItems, ClientRequestToken: token });
      // The SDK reports only the error of its last attempt; an earlier one may have been applied without an answer. (`override`,
      // since lib-dynamodb adds a command's middleware twice.)
      command.middlewareStack.add(
        (next) => (args) =>
          next(args).catch((error: unknown) => {
            if (isUncertain(error)) unacknowledged = error;
            throw error;
          }),
        { step: 'finalizeRequest', priority: 'low', name: 'everyAttempt', override: true },
      );
      await table.client.send(command);
      return undefined;
    } catch (error) {
      if (error instanceof TransactionCanceledException) {
        const reasons = error.CancellationReasons ?? [];
        const conditionFailures = toConditionFailures(parts, reasons);
        const isDefinite = unacknowledged === undefined || !conditionFailures || !mayHoldLater(conditionFailures);
        if (conditionFailures && isDefinite) return conditionFailures;
        const temporaryError = conditionFailures ? domainError('message_group_busy') : toTemporaryError(reasons);
        if (!temporaryError) throw error;
        await backOff(table, attempt, deadline, unacknowledged ?? temporaryError);
        if (unacknowledged === undefined) token = table.runtime.newId();
      } else {
        if (isUncertain(error)) unacknowledged = error;
        else if (!isThrottled(error)) throw error;
        await backOff(table, attempt, deadline, unacknowledged ?? domainError('throttled'));
      }
    }
  }
}

/**
 * Waits before the next attempt: at random (full jitter) up to 20 ms at first, twice as much each time, 250 ms at most, so that
 * competitors spread out.
 * @param attempt the number of attempts made, from 1
 * @param deadline milliseconds since 1970
 * @param errorAtDeadline thrown instead of waiting beyond the deadline
 */
export async function backOff(
  table: Table,
  attempt: number,
  deadline: number,
  errorAtDeadline: unknown,
): Promise<void> {
  if (!(await mayRetry(table, attempt, deadline))) throw errorAtDeadline;
}

/** Waits like {@link backOff}. @returns false, without waiting, when the wait would go beyond the deadline */
export async function mayRetry({ runtime }: Table, attempt: number, deadline: number): Promise<boolean> {
  const delay = runtime.random() * Math.min(250, 20 * 2 ** Math.min(attempt - 1, 10));
  if (runtime.millis() + delay >= deadline) return false;
  await runtime.wait(delay);
  return true;
}

function toConditionFailures<Part extends string>(
  parts: Part[],
  reasons: CancellationReason[],
): ConditionFailures<Part> | undefined {
  const conditionFailures: ConditionFailures<Part> = {};
  let any = false;
  for (const [index, part] of parts.entries()) {
    const reason = reasons[index];
    if (reason?.Code !== 'ConditionalCheckFailed') continue;
    any = true;
    // lib-dynamodb leaves these items in attribute-value form
    conditionFailures[part] = { item: reason.Item && unmarshall(reason.Item) };
  }
  return any ? conditionFailures : undefined;
}

/** Conflicts and throttling are temporary. Any other reason, such as a ValidationError, is a bug. */
export function toTemporaryError(reasons: CancellationReason[]): DomainError | undefined {
  const codes = reasons.map(({ Code }) => Code);
  if (codes.includes('TransactionConflict')) return domainError('message_group_busy');
  if (codes.includes('ProvisionedThroughputExceeded') || codes.includes('ThrottlingError'))
    return domainError('throttled');
  return undefined;
}
