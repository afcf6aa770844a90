import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { type Erasure, handleReserved } from '../model/erasure.ts';
import type { Uuid } from '../model/id.ts';
import type { Message } from '../model/message.ts';
import type { Report } from '../model/report.ts';
import { type Timestamp, toSeconds } from '../model/time.ts';
import type { StoredUser } from '../model/user.ts';
import type { Table } from './client.ts';
import {
  type Condition,
  erasureIsUnchanged,
  isAtRevision,
  isFreeOrHeldBy,
  isFreeOrOf,
  isResolvedReport,
  keyIsFree,
  keyIsTaken,
  userIsUnchanged,
} from './conditions.ts';
import * as items from './items.ts';
import { getItem, withThrottledError } from './reads.ts';
import { type ConditionFailures, transact, type Writes } from './transactions.ts';
import { searchWrites, type UserPart } from './users.ts';
import { put, remove, update } from './write-requests.ts';

// What an erasure writes and deletes. Each write may be made again: an erasure that was interrupted goes on by doing its last step anew.

/**
 * Turns a user into a user who is gone, frees their handle after a time, and notes what is left to do, in one transaction, if they are as
 * they were read. From then on no condition lets them write anything that names them.
 * @returns the parts whose condition failed. AWS may name only some of them: without `user`, the user may have changed all the same
 */
export function putGoneUser(
  table: Table,
  user: StoredUser,
  gone_at: Timestamp,
  deadline: number,
): Promise<ConditionFailures<UserPart> | undefined> {
  const { user_uuid, handle } = user;
  const isTheirs = isFreeOrHeldBy(user_uuid);
  const expires_at = toSeconds(gone_at) + handleReserved;
  return transact<UserPart>(
    table,
    {
      user: put(table, items.goneUserItem(user, gone_at), userIsUnchanged(user)),
      handle: remove(table, items.handleKey(handle), isTheirs),
      reservation: put(table, items.reservationItem(handle, { expires_at }), undefined),
      erasure: put(table, items.erasureItem({ user_uuid, gone_at, has_pool_user: true }), keyIsFree),
      ...searchWrites(table, user_uuid, { puts: [], removals: items.searchItems(user) }),
    },
    deadline,
  );
}

/** @returns undefined if nothing is left to do for the user */
export async function getErasure(table: Table, user: Uuid): Promise<Erasure | undefined> {
  const item = await getItem(table, items.erasureKey(user));
  return item && items.erasureOf(item);
}

/**
 * Notes how far an erasure has come, if nobody else has done so since it was read.
 * @returns whether it was noted
 * @throws DomainError `throttled`, `message_group_busy`
 */
export async function putProgress(
  table: Table,
  { before, after }: { before: Erasure; after: Erasure },
  deadline: number,
): Promise<boolean> {
  const changes = items.erasureChanges(after, ['message_group_uuid', 'after', 'erased_at']);
  const writes = { erasure: update(table, items.erasureKey(after.user_uuid), changes, erasureIsUnchanged(before)) };
  return (await transact<'erasure'>(table, writes, deadline)) === undefined;
}

/** Notes that the user is not in the user pool any more. @throws DomainError `throttled`, `message_group_busy` */
export async function putWithoutPoolUser(table: Table, user: Uuid, deadline: number): Promise<void> {
  const writes = { erasure: update(table, items.erasureKey(user), { has_pool_user: undefined }, keyIsTaken) };
  await transact<'erasure'>(table, writes, deadline);
}

/** Deletes the note of an erasure of which nothing is left, if it is as it was read. @throws DomainError `throttled` */
export const deleteErasure = (table: Table, erasure: Erasure): Promise<void> =>
  deleteItem(table, items.erasureKey(erasure.user_uuid), erasureIsUnchanged(erasure));

/**
 * Stores messages without their text and their sender's names, and counts the version of their conversation up, in one transaction, if none
 * of them was changed since it was read.
 * @param changes 1 to 99 messages of one conversation
 * @returns the parts whose condition failed
 * @throws Error when the conversation has no head
 */
export async function putErasedMessages(
  table: Table,
  conversation: Uuid,
  changes: readonly { before: Message; after: Message }[],
  deadline: number,
): Promise<ConditionFailures<`message${number}` | 'head'> | undefined> {
  const writes: Writes<`message${number}` | 'head'> = Object.fromEntries(
    changes.map(({ before, after }, n) => [
      `message${n}`,
      update(
        table,
        items.messageKey(conversation, before.created_at),
        items.messageChanges(after, ['message', 'sender', 'revision', 'deleted_at']),
        isAtRevision(before),
      ),
    ]),
  );
  const failures = await transact(
    table,
    { ...writes, head: update(table, items.headKey(conversation), {}, keyIsTaken, 'version') },
    deadline,
  );
  if (failures?.head) throw new Error('the conversation of an erased user has no head');
  return failures;
}

/** Stores a resolved report without what an erased user wrote. @throws DomainError `throttled`, `message_group_busy` */
export async function putErasedReport(table: Table, report: Report, deadline: number): Promise<void> {
  const changes = items.reportChanges(report, ['evidence', 'note']);
  const writes = { report: update(table, items.reportKey(report), changes, isResolvedReport(report.report_uuid)) };
  await transact<'report'>(table, writes, deadline);
}

/** Deletes an inbox row, if it still is one of this conversation. @throws DomainError `throttled` */
export const deleteRow = (table: Table, key: items.Key, conversation: Uuid): Promise<void> =>
  deleteItem(table, key, isFreeOrOf(conversation));

/** @throws DomainError `throttled` */
export const deleteReceipt = (table: Table, user: Uuid, { idempotency_key }: items.Receipt): Promise<void> =>
  deleteItem(table, items.receiptKey(user, idempotency_key));

/** @throws DomainError `throttled` */
export const deleteBlock = (table: Table, user: Uuid, blocked: Uuid): Promise<void> =>
  deleteItem(table, items.blockKey(user, blocked));

/** Deletes an item, if the condition holds: otherwise it stays. */
async function deleteItem({ client, name: TableName }: Table, Key: items.Key, condition?: Condition): Promise<void> {
  try {
    await withThrottledError(client.send(new DeleteCommand({ TableName, Key, ...condition })));
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
