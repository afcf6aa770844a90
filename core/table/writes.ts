import type { Account } from '../model/account.ts';
import { isEqual } from '../model/equal.ts';
import { type Head, participantIds, withoutNames } from '../model/head.ts';
import type { Uuid } from '../model/id.ts';
import type { RowOf } from '../model/inbox.ts';
import type { Message } from '../model/message.ts';
import type { Pair } from '../model/pair.ts';
import type { Report } from '../model/report.ts';
import type { Timestamp } from '../model/time.ts';
import type { Table } from './client.ts';
import {
  isAtRevision,
  isFreeOrOf,
  isHeadOf,
  isPresent,
  isReachable,
  keyIsFree,
  keyIsFreeOrExpired,
  mayDelete,
  mayEdit,
  mayMeet,
  mayReport,
  maySend,
  mayStart,
  pairIsUnchanged,
  rowsAreUnchanged,
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
  const { user_uuid } = message.sender;
  const changes = { last_message_at, sent, ...items.usedBy(head, user_uuid) };
  return transact<SendPart>(
    table,
    {
      message: put(table, items.messageItem(message), keyIsFree),
      head: update(table, items.headKey(message_group_uuid), changes, maySend(before, user_uuid)),
      receipt: receipt && putReceipt(table, receipt),
    },
    deadline,
    // A block may end.
    ({ head: failed, ...others }) =>
      isEmpty(others) && isBlockedOnly(failed?.item, { sent: before.sent, ...items.usedBy(before, user_uuid) }),
  );
}

/**
 * Access pattern C, first contact: stores the conversation in the pair, the head, the first message and both inbox rows in one transaction.
 * Its conditions: the pair has no conversation yet, and neither user blocks the other; both users are there and not suspended; the place of
 * the rows is free.
 * @param head the head after the first message and its projection; its participants are the starter and the other user
 * @param place the sort key of the rows
 * @param starter as read, and with what they have used of their limit then
 */
export function putConversation(
  table: Table,
  {
    message,
    head,
    rows,
    place,
    receipt,
    starter,
  }: {
    message: Message;
    head: Head;
    rows: RowOf[];
    place: Timestamp;
    receipt: ReceiptToStore | undefined;
    starter: { before: Account; after: Account };
  },
  deadline: number,
): Promise<ConditionFailures<StartPart> | undefined> {
  const [one, other] = participantIds(head);
  return transact<StartPart>(
    table,
    {
      pair: update(table, items.pairKey(one, other), items.pairChanges(head, ['message_group_uuid']), mayMeet),
      head: put(table, items.headItem(head), keyIsFree),
      message: put(table, items.messageItem(message), keyIsFree),
      ...rowWrites(table, head.message_group_uuid, { rows: rows.map(asNew), place }),
      starter: update(
        table,
        items.userKey(one),
        items.accountChanges(starter.after, ['conversations_until']),
        mayStart(starter.before),
      ),
      other: check(table, items.userKey(other), isReachable),
      receipt: receipt && putReceipt(table, receipt),
    },
    deadline,
    // A block or a suspension may end.
    ({ pair, other, ...others }) =>
      isEmpty(others) &&
      (!pair || isBlockedOnly(pair.item, { message_group_uuid: undefined })) &&
      (!other || other.item !== undefined),
  );
}

/**
 * Stores a changed message, if it was not changed since it was read, and counts the version of its conversation up, in one transaction. An
 * edit is stored only if neither participant blocks the other, and the sender has not used their limit since; a deletion always. The
 * version is counted by DynamoDB, so that changes of different messages at the same time do not refuse each other.
 * @param before the message that was read
 * @param after the message with its change
 * @param head the head that was read, and the one with the change
 */
export function putChangedMessage(
  table: Table,
  { before, after, head }: { before: Message; after: Message; head: { before: Head; after: Head } },
  deadline: number,
): Promise<ConditionFailures<'message' | 'head'> | undefined> {
  const { message_group_uuid, created_at, sender } = before;
  const { user_uuid } = sender;
  const isDeletion = after.deleted_at !== undefined;
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
        {
          ...items.headChanges(withoutNames(head.after), ['participants']),
          ...(!isDeletion && items.usedBy(head.after, user_uuid)),
        },
        isDeletion ? mayDelete(user_uuid) : mayEdit(head.before, user_uuid),
        'version',
      ),
    },
    deadline,
    // A block may end.
    ({ head: failed, ...others }) =>
      isEmpty(others) && isBlockedOnly(failed?.item, items.usedBy(head.before, user_uuid)),
  );
}

export type BlockPart = 'pair' | 'head' | 'block' | 'me' | 'user';

/**
 * Stores a block, or its end, in the pair, in the head of the conversation and in the list of the user who blocks, in one transaction, if
 * the pair is as it was read. For a block, both users must be there: an erasure ends the blocks of its user, and none may follow.
 * @param users the user who blocks, and the one who is blocked
 * @param before the pair that was read
 * @param after the pair with the change
 * @param head the head of their conversation; undefined if they have none
 * @param blocked_at when the block begins; undefined if it ends
 */
export function putBlock(
  table: Table,
  [user, blocked]: [Uuid, Uuid],
  {
    before,
    after,
    head,
    blocked_at,
  }: { before: Pair; after: Pair; head: Head | undefined; blocked_at: Timestamp | undefined },
  deadline: number,
): Promise<ConditionFailures<BlockPart> | undefined> {
  const ofBlocks = head && withoutNames({ ...head, blocked_by: after.blocked_by ?? [] });
  return transact<BlockPart>(
    table,
    {
      pair: update(
        table,
        items.pairKey(user, blocked),
        items.pairChanges(after, ['blocked_by']),
        pairIsUnchanged(before),
      ),
      head:
        ofBlocks &&
        update(
          table,
          items.headKey(ofBlocks.message_group_uuid),
          items.headChanges(ofBlocks, ['blocked_by', 'participants']),
          isHeadOf(participantIds(ofBlocks)),
        ),
      block: blocked_at
        ? put(table, items.blockItem(user, { user_uuid: blocked, blocked_at }), undefined)
        : remove(table, items.blockKey(user, blocked), undefined),
      me: blocked_at && check(table, items.userKey(user), isPresent),
      user: blocked_at && check(table, items.userKey(blocked), isPresent),
    },
    deadline,
  );
}

export type ReportPart = 'report' | 'open' | 'reporter';

/**
 * Stores a report and its entry in the list of open ones in one transaction. Its conditions: no other report has its time, and the reporter
 * has made no other one since they were read.
 * @param reporter as read, and with what they have used of their limit then
 */
export function putReport(
  table: Table,
  report: Report,
  reporter: { before: Account; after: Account },
  deadline: number,
): Promise<ConditionFailures<ReportPart> | undefined> {
  return transact<ReportPart>(
    table,
    {
      report: put(table, items.reportItem(report), keyIsFree),
      open: put(table, items.openReportItem(report), keyIsFree),
      reporter: update(
        table,
        items.userKey(report.reporter_uuid),
        items.accountChanges(reporter.after, ['reports_until']),
        mayReport(reporter.before),
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
  /** Whether its owner is gone: then it is deleted where it is. */
  isRemoved?: boolean;
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
  const writes = rows.map(({ user_uuid, row, from, isHidden, isRemoved }) => {
    const old = from && remove(table, from, isFreeOrOwn);
    if (isRemoved) return { old, row: undefined };
    const item = items.inboxRowItem(user_uuid, row, place, isHidden);
    const moves = from && (from.pk !== item.pk || from.sk !== item.sk);
    return { old: moves ? old : undefined, row: put(table, item, isFreeOrOwn) };
  });
  const [first, second] = writes;
  return { oldRow0: first?.old, oldRow1: second?.old, row0: first?.row, row1: second?.row };
}

const isEmpty = (failures: object): boolean => Object.keys(failures).length === 0;

/** Whether a condition failed for a block alone. @param read what else it compares, as it was read: it never becomes so again */
const isBlockedOnly = (item: items.Item | undefined, read: items.Item): boolean =>
  item?.blocked_by !== undefined && Object.entries(read).every(([name, value]) => isEqual(item[name], value));

/** A row that was nowhere before. */
const asNew = (row: RowOf): RowToWrite => ({ ...row, from: undefined, isHidden: false });

function putReceipt(table: Table, { user_uuid, receipt, now }: ReceiptToStore): Write {
  return put(table, items.receiptItem(user_uuid, receipt), keyIsFreeOrExpired(now));
}
