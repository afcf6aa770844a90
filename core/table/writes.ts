import { type Head, participantIds, withoutNames } from '../model/head.ts';
import type { Uuid } from '../model/id.ts';
import type { RowOf } from '../model/inbox.ts';
import type { Message } from '../model/message.ts';
import type { Timestamp } from '../model/time.ts';
import type { Table } from './client.ts';
import {
  isAtRevision,
  isFreeOrOf,
  keyIsFree,
  keyIsFreeOrExpired,
  keyIsTaken,
  rowsAreUnchanged,
  sentIsUnchanged,
  versionIsUnchanged,
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
  }: { message: Message; head: Head; rows: RowOf[]; place: Timestamp; receipt: ReceiptToStore | undefined },
  deadline: number,
): Promise<ConditionFailures<StartPart> | undefined> {
  const [starter, other] = participantIds(head);
  return transact<StartPart>(
    table,
    {
      pair: put(table, items.pairItem(starter, other, head.message_group_uuid), keyIsFree),
      head: put(table, items.headItem(head), keyIsFree),
      message: put(table, items.messageItem(message), keyIsFree),
      ...rowWrites(table, head.message_group_uuid, { rows: rows.map(asNew), place }),
      starter: check(table, items.userKey(starter), keyIsTaken),
      other: check(table, items.userKey(other), keyIsTaken),
      receipt: receipt && putReceipt(table, receipt),
    },
    deadline,
  );
}

/**
 * Stores a changed message and raises the version of its conversation in one transaction, if neither was changed since they were read.
 * @param before the message that was read
 * @param after the message with its change
 * @param head the head that was read
 */
export function putChangedMessage(
  table: Table,
  { before, after, head }: { before: Message; after: Message; head: Head },
  deadline: number,
): Promise<ConditionFailures<'message' | 'head'> | undefined> {
  const { message_group_uuid, created_at, sender } = before;
  const changed = withoutNames({ ...head, version: (head.version ?? 0) + 1 });
  return transact(
    table,
    {
      message: update(
        table,
        items.messageKey(message_group_uuid, created_at),
        items.messageChanges(after, ['message', 'revision', 'edited_at', 'deleted_at']),
        isAtRevision(before),
      ),
      head: update(
        table,
        items.headKey(message_group_uuid),
        items.headChanges(changed, ['version', 'participants']),
        versionIsUnchanged(head, sender.user_uuid),
      ),
    },
    deadline,
  );
}

export type RowsPart = RowPart | 'head';

/** A participant's inbox row to write. */
export interface RowToWrite extends RowOf {
  /** Where the row is until now; undefined if there is none. */
  from: items.Key | undefined;
  /** Whether its owner has cleared all that it shows. */
  isHidden: boolean;
}

/** What every write of the rows notes in the head. */
const ofRows = ['inbox_at', 'shown_at', 'shown_version', 'read', 'rows_rev'] as const;

/**
 * Access pattern E: writes inbox rows and notes their place in the head, in one transaction, if the rows were not written since the head
 * was read.
 * @param before the head that was read
 * @param after the head that the rows follow from, with their place
 * @param changed the fields that differ for another reason than that the rows are written
 */
export function putInboxRows(
  table: Table,
  { before, after, changed, rows }: { before: Head; after: Head; changed: readonly (keyof Head)[]; rows: RowToWrite[] },
  deadline: number,
): Promise<ConditionFailures<RowsPart> | undefined> {
  const { message_group_uuid, inbox_at } = after;
  const changes = items.headChanges(after, [...ofRows, ...changed]);
  return transact<RowsPart>(
    table,
    {
      head: update(table, items.headKey(message_group_uuid), changes, rowsAreUnchanged(before)),
      ...rowWrites(table, message_group_uuid, { rows, place: inbox_at as Timestamp }),
    },
    deadline,
  );
}

/**
 * The writes that bring a conversation's rows to a place. A row that is elsewhere is deleted there; one that is at the place already
 * is updated, since a transaction may touch an item only once.
 */
export function rowWrites(
  table: Table,
  conversation: Uuid,
  { rows, place }: { rows: RowToWrite[]; place: Timestamp },
): Writes<RowPart> {
  const isFreeOrOwn = isFreeOrOf(conversation);
  const writes = rows.map(({ user_uuid, row, from, isHidden }) => {
    const item = items.inboxRowItem(user_uuid, row, place, isHidden);
    const moves = from && (from.pk !== item.pk || from.sk !== item.sk);
    return { old: moves ? remove(table, from, isFreeOrOwn) : undefined, row: put(table, item, isFreeOrOwn) };
  });
  const [first, second] = writes;
  return { oldRow0: first?.old, oldRow1: second?.old, row0: first?.row, row1: second?.row };
}

/** A row that was nowhere before. */
const asNew = (row: RowOf): RowToWrite => ({ ...row, from: undefined, isHidden: false });

function putReceipt(table: Table, { user_uuid, receipt, now }: ReceiptToStore): Write {
  return put(table, items.receiptItem(user_uuid, receipt), keyIsFreeOrExpired(now));
}
