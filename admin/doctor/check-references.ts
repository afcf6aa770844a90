import { deadlineOf } from '../../core/deps.ts';
import { type Head, isParticipant } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import { toSeconds } from '../../core/model/time.ts';
import { hasNoParticipant, keyIsFree, keyIsTaken } from '../../core/table/conditions.ts';
import { getExpectedHead, getNamedMessage } from '../../core/table/confirmed-reads.ts';
import * as items from '../../core/table/items.ts';
import { type OtherItem, removeItem } from '../table/repairs.ts';
import { getMany, ownerOf, readMessageNumbers, rowOwnerOf } from '../table/scan.ts';
import { checkBlocks } from './check-blocks.ts';
import { type CheckContext, type Diagnosis, type ItemSubject, noFindings } from './diagnosis.ts';
import { isWellFormed } from './rules/conversation-rules.ts';
import { finding } from './rules/finding.ts';

// Checks of the items that refer to a conversation or to a message: inbox rows, pairs and receipts. Each check throws
// DomainError `throttled` when DynamoDB throttles, and `message_group_busy` when a transaction on what it names does not end.

/** DynamoDB deletes expired items "within a few days" (its documentation of TTL). */
const ttlDelay = 48 * 60 * 60; // seconds

/** @returns undefined when the item does not exist any more */
async function reread({ table }: CheckContext, { item }: ItemSubject): Promise<items.Item | undefined> {
  const key = { pk: item.pk, sk: item.sk } as items.Key;
  return (await getMany(table, [key], { ConsistentRead: true })).get(key);
}

/** The head that a row or a pair names. One that is missing is read again in a transaction. */
export const namedHead = (context: CheckContext, conversation: Uuid): Promise<Head | undefined> =>
  getExpectedHead(context.table, conversation, () => true, deadlineOf(context));

function removalOf(context: CheckContext, item: items.Item, other?: OtherItem): () => Promise<boolean> {
  return async () => !(await removeItem(context.table, item, other, deadlineOf(context)));
}

/** Reports an inbox row whose owner is not a participant of its conversation, or whose conversation does not exist. */
export async function checkInboxRow(context: CheckContext, subject: ItemSubject): Promise<Diagnosis> {
  const row = await reread(context, subject);
  if (!row) return noFindings(subject);
  const user_uuid = rowOwnerOf(row);
  const conversation = row.message_group_uuid as Uuid;
  const head = typeof conversation === 'string' ? await namedHead(context, conversation) : undefined;
  // A participant's rows are checked with their conversation, not here.
  if (head && (!isWellFormed(head) || isParticipant(head, user_uuid))) return noFindings(subject);
  // If there are messages, the head was lost and the row may be right.
  if (!head && typeof conversation === 'string' && (await hasMessages(context, conversation)))
    return noFindings(subject);
  const details = { user_uuid, at: String(row.sk), found: head ? 'not a participant' : 'no such conversation' };
  return {
    subject,
    findings: [finding('inbox_row_foreign', { message_group_uuid: conversation, ...details })],
    repair: removalOf(context, row, {
      key: items.headKey(conversation),
      condition: hasNoParticipant(user_uuid),
    }),
  };
}

/** Reports a pair that names a conversation of other users, or one that does not exist. */
export async function checkPair(context: CheckContext, subject: ItemSubject): Promise<Diagnosis> {
  const pair = await reread(context, subject);
  if (!pair) return noFindings(subject);
  if (pair.message_group_uuid === undefined) return checkBlocks(context, subject);
  const conversation = pair.message_group_uuid as Uuid;
  const head = await namedHead(context, conversation);
  if (head && (!isWellFormed(head) || isPairOf(pair, head.participants))) return noFindings(subject);
  // The pair is right, and the check of the messages reports the lost head.
  if (!head && (await hasMessages(context, conversation))) return noFindings(subject);
  const repair = head
    ? // If the two users do have a conversation, the check of that conversation writes the correct pair.
      removalOf(context, pair, { key: items.headKey(conversation), condition: keyIsTaken })
    : removalOf(context, pair, { key: items.headKey(conversation), condition: keyIsFree });
  return {
    subject,
    findings: [finding(head ? 'pair_foreign' : 'pair_without_head', { message_group_uuid: conversation })],
    repair,
  };
}

/** Whether the key of a pair is that of these two participants. */
export function isPairOf(pair: items.Item, participants: readonly { user_uuid: Uuid }[]): boolean {
  const [one, other] = participants;
  return !!one && !!other && items.pairKey(one.user_uuid, other.user_uuid).pk === pair.pk;
}

/** Reports a receipt that DynamoDB should have deleted by now, and one whose message does not exist: a repetition of its request fails. */
export async function checkReceipt(context: CheckContext, subject: ItemSubject): Promise<Diagnosis> {
  const item = await reread(context, subject);
  if (!item) return noFindings(subject);
  const { message_group_uuid, created_at, expires_at } = items.receiptOf(item);
  const details = { message_group_uuid, user_uuid: ownerOf(item, 'receipt') };
  if (isLongExpired(item, context)) {
    const findings = [finding('receipt_expired', { ...details, expected: 'deleted', found: expires_at })];
    return { subject, findings, repair: removalOf(context, item) };
  }
  if (await getNamedMessage(context.table, message_group_uuid, created_at, deadlineOf(context)))
    return noFindings(subject);
  const key = items.messageKey(message_group_uuid, created_at);
  return {
    subject,
    findings: [finding('receipt_points_nowhere', { ...details, expected: created_at })],
    repair: removalOf(context, item, { key, condition: keyIsFree }),
  };
}

/** Whether an item (a receipt, a report) expired so long ago that DynamoDB should have deleted it. */
export const isLongExpired = (receipt: items.Item, { now }: Pick<CheckContext, 'now'>): boolean =>
  Number(receipt.expires_at) + ttlDelay < toSeconds(now());

/** Whether a conversation has messages, even unnumbered ones. */
export async function hasMessages({ table }: Pick<CheckContext, 'table'>, conversation: Uuid): Promise<boolean> {
  for await (const _ of readMessageNumbers(table, conversation)) return true;
  return false;
}
