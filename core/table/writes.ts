import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Head } from '../model/head.ts';
import type { Uuid } from '../model/id.ts';
import type { InboxRow } from '../model/inbox.ts';
import type { Message } from '../model/message.ts';
import type { Timestamp } from '../model/time.ts';
import type { Table } from './client.ts';
import * as items from './items.ts';
import { type ConditionFailures, transact } from './transactions.ts';

// The condition is the rule: correctness never rests on what was read before, and nothing is overwritten by accident.
export const keyIsFree = 'attribute_not_exists(pk)';
const keyIsTaken = 'attribute_exists(pk)';
// Past its time a receipt is no receipt, whether DynamoDB has got round to deleting it or not.
const keyIsFreeOrExpired = 'attribute_not_exists(pk) OR expires_at <= :now';
// `sent` names both participants, so this says as well that the sender is one of them.
const nobodySentMeanwhile = 'sent = :sent';
// And the two whose rows are written are the participants.
const rowsAreUntouched = 'rows_rev = :rev AND attribute_exists(sent.#one) AND attribute_exists(sent.#other)';
export const placeIsFreeOrOwn = 'attribute_not_exists(pk) OR message_group_uuid = :conversation';

export type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];
export type Condition = Omit<NonNullable<Write['ConditionCheck']>, 'TableName' | 'Key' | 'ConditionExpression'>;

/** A receipt to leave with a message, and the time in seconds at which it counts as expired or not. */
export interface ReceiptToLeave {
  receipt: items.Receipt;
  now: number;
}

export type SendPart = 'message' | 'head' | 'receipt';
export type StartPart = SendPart | 'pair' | 'starter' | 'other';

/**
 * D: stores a message and advances the head in one transaction, if the head's `sent` is still what it was.
 * @param head the head after the message
 * @param sentBefore `sent` of the head that the message was appended to
 */
export function putMessage(
  table: Table,
  {
    message,
    head,
    sentBefore,
    receipt,
  }: { message: Message; head: Head; sentBefore: Head['sent']; receipt: ReceiptToLeave | undefined },
  deadline: number,
): Promise<ConditionFailures<SendPart> | undefined> {
  return transact<SendPart>(
    table,
    {
      message: put(table, items.messageItem(message), keyIsFree),
      head: {
        Update: {
          TableName: table.name,
          Key: items.headKey(head.message_group_uuid),
          UpdateExpression: 'SET last_message_at = :at, sent = :sentNow',
          ConditionExpression: nobodySentMeanwhile,
          ExpressionAttributeValues: { ':at': head.last_message_at, ':sentNow': head.sent, ':sent': sentBefore },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
      receipt: receipt && putReceipt(table, receipt),
    },
    deadline,
  );
}

/**
 * C, first contact: stores the pair, the head and the first message in one transaction, if the pair has no conversation yet
 * and both people exist.
 * @param head the head after the first message; its participants are the starter and the other
 */
export function putConversation(
  table: Table,
  { message, head, receipt }: { message: Message; head: Head; receipt: ReceiptToLeave | undefined },
  deadline: number,
): Promise<ConditionFailures<StartPart> | undefined> {
  const [starter, other] = head.participants.map(({ user_uuid }) => user_uuid) as [Uuid, Uuid];
  return transact<StartPart>(
    table,
    {
      pair: put(table, items.pairItem(starter, other, head.message_group_uuid), keyIsFree),
      head: put(table, items.headItem(head), keyIsFree),
      message: put(table, items.messageItem(message), keyIsFree),
      starter: check(table, items.userKey(starter), keyIsTaken),
      other: check(table, items.userKey(other), keyIsTaken),
      receipt: receipt && putReceipt(table, receipt),
    },
    deadline,
  );
}

export type RowsPart = 'head' | 'oldRow0' | 'oldRow1' | 'row0' | 'row1';

/** A participant's inbox row as it shall be. */
export interface RowToWrite {
  user_uuid: Uuid;
  row: InboxRow;
}

/**
 * E: writes inbox rows at a place and notes it in the head, in one transaction, if nobody wrote the rows since the head was
 * read. A row that sat elsewhere goes from there; one that sits there already is updated in place, since a transaction may
 * touch an item only once.
 * @param before the head that was read; it tells where the rows sit
 * @param after the head that the rows follow from
 */
export function putInboxRows(
  table: Table,
  { before, after, rows, place }: { before: Head; after: Head; rows: RowToWrite[]; place: Timestamp },
  deadline: number,
): Promise<ConditionFailures<RowsPart> | undefined> {
  const conversation = after.message_group_uuid;
  const mine: Condition = { ExpressionAttributeValues: { ':conversation': conversation } };
  const [row0, row1] = rows.map(({ user_uuid, row }) =>
    put(table, items.inboxRowItem(user_uuid, row, place), placeIsFreeOrOwn, mine),
  );
  const from = before.inbox_at;
  const [oldRow0, oldRow1] =
    from === undefined || from === place
      ? []
      : rows.map(({ user_uuid }) => remove(table, items.inboxRowKey(user_uuid, from), placeIsFreeOrOwn, mine));
  return transact<RowsPart>(
    table,
    {
      head: {
        Update: {
          TableName: table.name,
          Key: items.headKey(conversation),
          UpdateExpression: 'SET inbox_at = :place, shown_at = :shown, #read = :read, rows_rev = :next',
          ConditionExpression: rowsAreUntouched,
          ExpressionAttributeNames: {
            '#read': 'read',
            '#one': after.participants[0].user_uuid,
            '#other': after.participants[1].user_uuid,
          },
          ExpressionAttributeValues: {
            ':place': place,
            ':shown': after.last_message_at,
            ':read': after.read,
            ':rev': before.rows_rev,
            ':next': before.rows_rev + 1,
          },
        },
      },
      oldRow0,
      oldRow1,
      row0,
      row1,
    },
    deadline,
  );
}

export function put(table: Table, Item: items.Item, ConditionExpression: string, condition: Condition = {}): Write {
  return {
    Put: {
      TableName: table.name,
      Item,
      ConditionExpression,
      ...condition,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

export function remove(table: Table, Key: items.Key, ConditionExpression: string, condition: Condition): Write {
  return { Delete: { TableName: table.name, Key, ConditionExpression, ...condition } };
}

function check(table: Table, Key: items.Key, ConditionExpression: string): Write {
  return { ConditionCheck: { TableName: table.name, Key, ConditionExpression } };
}

function putReceipt(table: Table, { receipt, now }: ReceiptToLeave): Write {
  return put(table, items.receiptItem(receipt), keyIsFreeOrExpired, { ExpressionAttributeValues: { ':now': now } });
}
