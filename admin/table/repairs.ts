import { type Head, participantIds } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Pair } from '../../core/model/pair.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { Table } from '../../core/table/client.ts';
import {
  type Condition,
  conversationIsUnchanged,
  hasNoConversation,
  isAsRead,
  isFreeOrHeldBy,
  isFreeOrOf,
  isHeadOf,
  isNotOf,
  isOf,
  keyIsFree,
  keyIsTaken,
  pairIsUnchanged,
} from '../../core/table/conditions.ts';
import * as items from '../../core/table/items.ts';
import { transact } from '../../core/table/transactions.ts';
import { check, put, remove, update, type Write } from '../../core/table/write-requests.ts';

// What the doctor writes. Each write is conditional on the items that led to it, so it fails if the running service has changed them
// meanwhile. The doctor only deletes inbox rows: the projector's transaction writes them. Each function returns whether a condition failed.

// A transaction has at most 100 writes. If there are more stray rows, the next repair deletes the others.
const mostStrays = 90;

/**
 * Corrects a head, deletes its stray rows and removes `shown_at`, so that the projector writes the rows anew.
 *
 * A head that names a later message than there is goes back only if there is no such message: DynamoDB may show a head before the
 * message of the same transaction.
 * @param keepsPlace whether the head keeps `inbox_at`, so that the projector moves the rows from there
 * @returns whether a condition failed: the head has changed since it was read
 */
export async function putRepairedHead(
  table: Table,
  { before, after, keepsPlace, strays }: { before: Head; after: Head; keepsPlace: boolean; strays: items.Key[] },
  deadline: number,
): Promise<boolean> {
  const { last_message_at, sent, read } = after;
  const changes = {
    last_message_at,
    sent,
    read,
    rows_rev: before.rows_rev + 1,
    shown_at: undefined,
    ...(!keepsPlace && { inbox_at: undefined }),
  };
  const conversation = before.message_group_uuid;
  return conditionFails(
    table,
    [
      update(table, items.headKey(conversation), changes, conversationIsUnchanged(before)),
      ...(after.last_message_at < before.last_message_at
        ? [check(table, items.messageKey(conversation, before.last_message_at), keyIsFree)]
        : []),
      ...strays.slice(0, mostStrays).map((key) => remove(table, key, isFreeOrOf(conversation))),
    ],
    deadline,
  );
}

/**
 * Puts the pair of a conversation's participants if they have none, or in place of one that names a conversation of other users.
 * @param instead the conversation that the pair named when it was read
 */
export function putPair(
  table: Table,
  head: Head,
  { instead }: { instead: Uuid | undefined },
  deadline: number,
): Promise<boolean> {
  const participants = participantIds(head);
  const names = (condition: Condition) =>
    update(table, items.pairKey(...participants), items.pairChanges(head, ['message_group_uuid']), condition);
  const headExists = check(table, items.headKey(head.message_group_uuid), keyIsTaken);
  const writes =
    instead === undefined
      ? [names(hasNoConversation), headExists]
      : [names(isOf(instead)), headExists, check(table, items.headKey(instead), isNotOf(participants))];
  return conditionFails(table, writes, deadline);
}

/** Stores a head that was lost, and in its pair its conversation and its blocks. @param pair as it was read; empty if there is none */
export function putLostHead(table: Table, head: Head, pair: Pair, deadline: number): Promise<boolean> {
  const changes = items.pairChanges(
    { message_group_uuid: head.message_group_uuid, ...(head.blocked_by && { blocked_by: head.blocked_by }) },
    ['message_group_uuid', 'blocked_by'],
  );
  return conditionFails(
    table,
    [
      put(table, items.headItem(head), keyIsFree),
      update(table, items.pairKey(...participantIds(head)), changes, pairIsUnchanged(pair)),
    ],
    deadline,
  );
}

/**
 * Corrects in a pair, and in the head of its conversation, who of the two users blocks the other.
 * @param pair as it was read together with the users' lists; empty if there is none
 * @param head as it was read; undefined if they have no conversation
 * @returns whether a condition failed: a block has changed since
 */
export function putRepairedBlocks(
  table: Table,
  { users, pair, head, blocked_by }: { users: [Uuid, Uuid]; pair: Pair; head: Head | undefined; blocked_by: Uuid[] },
  deadline: number,
): Promise<boolean> {
  const writes = [
    update(table, items.pairKey(...users), items.pairChanges({ blocked_by }, ['blocked_by']), pairIsUnchanged(pair)),
  ];
  if (head) {
    const changes = items.headChanges({ ...head, blocked_by }, ['blocked_by']);
    writes.push(update(table, items.headKey(head.message_group_uuid), changes, isHeadOf(participantIds(head))));
  }
  return conditionFails(table, writes, deadline);
}

/**
 * Ends all blocks between two users: in their pair, which is deleted if it says nothing else, in the head of their conversation and in
 * the lists of both.
 * @param pair as it was read together with the lists; empty if there is none
 * @returns whether a condition failed: a block or a conversation has begun since
 */
export function putWithoutBlocks(
  table: Table,
  { users, pair, lists }: { users: [Uuid, Uuid]; pair: Pair; lists: items.Key[] },
  deadline: number,
): Promise<boolean> {
  const { message_group_uuid: conversation } = pair;
  const key = items.pairKey(...users);
  const none = { blocked_by: undefined };
  const writes = conversation
    ? [
        update(table, key, none, pairIsUnchanged(pair)),
        update(table, items.headKey(conversation), none, isHeadOf(users)),
      ]
    : [remove(table, key, pairIsUnchanged(pair))];
  // Each block changes the pair as well, so the pair's condition is that of the lists.
  return conditionFails(table, [...writes, ...lists.map((list) => remove(table, list, undefined))], deadline);
}

/** A condition on one item, on which the write of another item depends. */
export interface OtherItem {
  key: items.Key;
  condition: Condition;
}

/**
 * Puts an item of a user if its key is free, or held by that user or by another one without a right to it.
 * @param instead the user who holds the key without a right to it
 */
export function putUserItem(
  table: Table,
  item: items.Item,
  { instead, others }: { instead: unknown; others: OtherItem[] },
  deadline: number,
): Promise<boolean> {
  const writes = [
    put(table, item, isFreeOrHeldBy(item.user_uuid, instead)),
    ...others.map((other) => toCheck(table, other)),
  ];
  return conditionFails(table, writes, deadline);
}

/** Deletes an item if it still is as it was read. @param other a further condition, on another item; undefined if there is none */
export function removeItem(
  table: Table,
  item: items.Item,
  other: OtherItem | undefined,
  deadline: number,
): Promise<boolean> {
  const key = { pk: item.pk, sk: item.sk } as items.Key;
  return conditionFails(
    table,
    [remove(table, key, isAsRead(item)), ...(other ? [toCheck(table, other)] : [])],
    deadline,
  );
}

const toCheck = (table: Table, { key, condition }: OtherItem): Write => check(table, key, condition);

async function conditionFails(table: Table, writes: Write[], deadline: number): Promise<boolean> {
  const parts = Object.fromEntries(writes.map((write, index) => [String(index), write]));
  return (await transact(table, parts, deadline)) !== undefined;
}

/** Notes that an erasure is to be made again, unless it is under way. @returns whether it was */
export const putForgottenErasure = (
  table: Table,
  user_uuid: Uuid,
  gone_at: Timestamp,
  deadline: number,
): Promise<boolean> =>
  conditionFails(table, [put(table, items.erasureItem({ user_uuid, gone_at }), keyIsFree)], deadline);
