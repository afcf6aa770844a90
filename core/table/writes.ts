import { type Head, projectedAt } from '../model/head.ts';
import type { Uuid } from '../model/id.ts';
import type { InboxRow } from '../model/inbox.ts';
import type { Message } from '../model/message.ts';
import type { Timestamp } from '../model/time.ts';
import type { Table } from './client.ts';
import {
  isFreeOrOf,
  keyIsFree,
  keyIsFreeOrExpired,
  keyIsTaken,
  rowsAreUnchanged,
  sentIsUnchanged,
} from './conditions.ts';
import * as items from './items.ts';
import { type ConditionFailures, transact, type Writes } from './transactions.ts';
import { check, put, remove, update, type Write } from './write-requests.ts';

/** A receipt to store with a message. */
export interface ReceiptToStore {
  user_uuid: Uuid;
  receipt: items.Receipt;
  /** Seconds since 1970: an earlier receipt that has expired by then is overwritten. */
  now: number;
}

export type SendPart = 'message' | 'head' | 'receipt';
export type RowPart = 'oldRow0' | 'oldRow1' | 'row0' | 'row1';
export type StartPart = SendPart | RowPart | 'pair' | 'starter' | 'other';

/**
 * Access pattern D: stores a message and advances the head in one transaction, if no message was sent since the head was read.
 * @param before the head that was read
 * @param head the head after the message
 */
export function putMessage(
  table: Table,
  {
    message,
    before,
    head,
    receipt,
  }: { message: Message; before: Head; head: Head; receipt: ReceiptToStore | undefined },
  deadline: number,
): Promise<ConditionFailures<SendPart> | undefined> {
  const { message_group_uuid, last_message_at, sent } = head;
  return transact<SendPart>(
    table,
    {
      message: put(table, items.messageItem(message), keyIsFree),
      head: update(table, items.headKey(message_group_uuid), { last_message_at, sent }, sentIsUnchanged(before)),
      receipt: receipt && putReceipt(table, receipt),
    },
    deadline,
  );
}

/**
 * Access pattern C, first contact: stores the pair, the head, the first message and both inbox rows in one transaction, if the pair has no
 * conversation yet, both users exist and the place of the rows is free.
 * @param head the head after the first message and its projection; its participants are the starter and the other user
 * @param place the sort key of the rows
 */
export function putConversation(
  table: Table,
  {
    message,
    head,
    rows,
    place,
    receipt,
  }: { message: Message; head: Head; rows: RowToWrite[]; place: Timestamp; receipt: ReceiptToStore | undefined },
  deadline: number,
): Promise<ConditionFailures<StartPart> | undefined> {
  const [starter, other] = head.participants.map(({ user_uuid }) => user_uuid) as [Uuid, Uuid];
  return transact<StartPart>(
    table,
    {
      pair: put(table, items.pairItem(starter, other, head.message_group_uuid), keyIsFree),
      head: put(table, items.headItem(head), keyIsFree),
      message: put(table, items.messageItem(message), keyIsFree),
      ...rowWrites(table, head.message_group_uuid, { rows, place, from: undefined }),
      starter: check(table, items.userKey(starter), keyIsTaken),
      other: check(table, items.userKey(other), keyIsTaken),
      receipt: receipt && putReceipt(table, receipt),
    },
    deadline,
  );
}

export type RowsPart = RowPart | 'head';

/** A participant's inbox row to write. */
export interface RowToWrite {
  user_uuid: Uuid;
  row: InboxRow;
}

/**
 * Access pattern E: writes inbox rows and notes their place in the head, in one transaction, if the rows were not written since the head
 * was read.
 * @param before the head that was read; it tells where the rows are
 * @param after the head that the rows follow from
 * @param place the sort key of the rows from now on
 */
export function putInboxRows(
  table: Table,
  { before, after, rows, place }: { before: Head; after: Head; rows: RowToWrite[]; place: Timestamp },
  deadline: number,
): Promise<ConditionFailures<RowsPart> | undefined> {
  const { message_group_uuid, inbox_at, shown_at, read, rows_rev } = projectedAt(
    { ...after, rows_rev: before.rows_rev },
    place,
  );
  const changes = { inbox_at, shown_at, read, rows_rev };
  return transact<RowsPart>(
    table,
    {
      head: update(table, items.headKey(message_group_uuid), changes, rowsAreUnchanged(before)),
      ...rowWrites(table, message_group_uuid, { rows, place, from: before.inbox_at }),
    },
    deadline,
  );
}

/**
 * The writes that bring a conversation's rows to a place. A row that is elsewhere is deleted there; one that is at the place already
 * is updated, since a transaction may touch an item only once.
 * @param from the sort key of the rows until now, if there are any
 */
export function rowWrites(
  table: Table,
  conversation: Uuid,
  { rows, place, from }: { rows: RowToWrite[]; place: Timestamp; from: Timestamp | undefined },
): Writes<RowPart> {
  const isFreeOrOwn = isFreeOrOf(conversation);
  const [row0, row1] = rows.map(({ user_uuid, row }) =>
    put(table, items.inboxRowItem(user_uuid, row, place), isFreeOrOwn),
  );
  const [oldRow0, oldRow1] =
    from === undefined || from === place
      ? []
      : rows.map(({ user_uuid }) => remove(table, items.inboxRowKey(user_uuid, from), isFreeOrOwn));
  return { oldRow0, oldRow1, row0, row1 };
}

function putReceipt(table: Table, { user_uuid, receipt, now }: ReceiptToStore): Write {
  return put(table, items.receiptItem(user_uuid, receipt), keyIsFreeOrExpired(now));
}
