import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type CancellationReason, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type DomainError, domainError } from '../errors.ts';
import type { Table } from './client.ts';
import type { Item } from './items.ts';
import { isThrottled, isUncertain } from './outcomes.ts';

type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** The writes of one transaction by the part that each plays in it, so that a refusal can say which part failed. */
export type Writes<Part extends string> = Partial<Record<Part, Write | undefined>>;

/** The parts whose condition failed, with the item that stood in the way if there was one. On AWS not every failing part need be named. */
export type ConditionFailures<Part extends string> = Partial<Record<Part, { item: Item | undefined }>>;

/**
 * Commits all the writes or none.
 *
 * A lost answer is not a failure: after a timeout or a broken connection the same transaction goes again with the same
 * `ClientRequestToken`, which DynamoDB remembers for ten minutes, so that it is applied once. A new token is made only after a
 * definite refusal (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html). A conflict is none
 * while an earlier try is unanswered: that one may still be on its way, and arrive after the new token's loss was taken for a loss
 * against somebody else. A failed condition counts as one: what the head's counters refuse once they refuse for good, since they
 * only grow, and messages and rows are written with them; what else is written is the same whenever it arrives.
 * @param deadline `Date.now()` after which no further try is made
 * @returns undefined when committed, otherwise the parts that were refused by their condition
 * @throws DomainError `message_group_busy` or `throttled` at the deadline, nothing written; the last error if the outcome stayed unknown
 */
export async function transact<Part extends string>(
  table: Table,
  writes: Writes<Part>,
  deadline: number,
): Promise<ConditionFailures<Part> | undefined> {
  const parts = (Object.keys(writes) as Part[]).filter((part) => writes[part] !== undefined);
  const TransactItems = parts.map((part) => writes[part] as Write);
  let token = randomUUID();
  let unanswered: unknown; // the error that left it open whether the transaction with this token was applied
  for (let attempt = 1; ; attempt++) {
    try {
      const command = new TransactWriteCommand({ TransactItems, ClientRequestToken: token });
      // The SDK's error is that of its last try: an earlier one may have been applied, unheard. (`override`, since lib-dynamodb
      // adds a command's middleware twice.)
      command.middlewareStack.add(
        (next) => (args) =>
          next(args).catch((error: unknown) => {
            if (isUncertain(error)) unanswered = error;
            throw error;
          }),
        { step: 'finalizeRequest', priority: 'low', name: 'everyTry', override: true },
      );
      await table.client.send(command);
      return undefined;
    } catch (error) {
      if (error instanceof TransactionCanceledException) {
        const reasons = error.CancellationReasons ?? [];
        const conditionFailures = toConditionFailures(parts, reasons);
        if (conditionFailures) return conditionFailures;
        const atDeadline = mayPass(reasons);
        if (!atDeadline) throw error;
        await backOff(attempt, deadline, unanswered ?? atDeadline);
        if (unanswered === undefined) token = randomUUID();
      } else {
        if (isUncertain(error)) unanswered = error;
        else if (!isThrottled(error)) throw error;
        await backOff(attempt, deadline, unanswered ?? domainError('throttled'));
      }
    }
  }
}

/**
 * Waits before another try: up to 20 ms at first, twice as much each time, never over 250 ms, at random (full jitter), so that
 * competitors spread out.
 * @throws the given error instead, if the deadline has come
 */
export async function backOff(attempt: number, deadline: number, otherwise: unknown): Promise<void> {
  const delay = Math.random() * Math.min(250, 20 * 2 ** Math.min(attempt - 1, 10));
  if (Date.now() + delay >= deadline) throw otherwise;
  await wait(delay);
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

// What passes by itself: the other transaction ends, the throughput recovers. Anything else that cancels (a ValidationError) is a bug.
function mayPass(reasons: CancellationReason[]): DomainError | undefined {
  const codes = reasons.map(({ Code }) => Code);
  if (codes.includes('TransactionConflict')) return domainError('message_group_busy');
  if (codes.includes('ProvisionedThroughputExceeded') || codes.includes('ThrottlingError'))
    return domainError('throttled');
  return undefined;
}
