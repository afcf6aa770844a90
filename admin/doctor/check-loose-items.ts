import { isParticipant } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Timestamp } from '../../core/model/time.ts';
import { toSeconds } from '../../core/model/time.ts';
import { hasNoParticipant, keyIsFree, keyIsTaken } from '../../core/table/conditions.ts';
import * as items from '../../core/table/items.ts';
import { getHead, getMessage, messagesBefore } from '../../core/table/reads.ts';
import { type OtherItem, removeItem } from '../table/repairs.ts';
import { getMany, ownerOf } from '../table/scan.ts';
import { type CheckContext, type Diagnosis, healthy, type Subject } from './diagnosis.ts';
import { isWellFormed } from './rules/conversation-rules.ts';
import { type Finding, finding } from './rules/finding.ts';

/** DynamoDB deletes an expired item "within a few days" (its documentation of TTL); before that it is only waiting. */
export const expiryTakes = 48 * 60 * 60; // seconds

type Loose = Exclude<Subject, { kind: 'conversation' }>;

/** Reads an item again that points to something: undefined when it has gone or changed, and so is no longer what was suspected. */
async function again({ table }: CheckContext, { item }: Loose): Promise<items.Item | undefined> {
  const key = { pk: item.pk, sk: item.sk } as items.Key;
  return (await getMany(table, [key], { ConsistentRead: true })).get(key);
}

function removing(context: CheckContext, item: items.Item, other?: OtherItem): () => Promise<boolean> {
  return async () => !(await removeItem(context.table, item, other, Date.now() + context.retryBudget));
}

/** An inbox row whose conversation does not count its owner among its two people, or is not there at all. */
export async function checkForeignRow(context: CheckContext, subject: Loose): Promise<Diagnosis> {
  const row = await again(context, subject);
  if (!row) return healthy(subject);
  const user_uuid = ownerOf(row, 'inbox');
  const conversation = row.message_group_uuid as Uuid;
  const head = typeof conversation === 'string' ? await getHead(context.table, conversation) : undefined;
  if (head && (!isWellFormed(head) || isParticipant(head, user_uuid))) return healthy(subject); // the conversation's look covers it
  // With messages it is the head that is lost, and the row may be a good one.
  if (!head && typeof conversation === 'string' && (await hasMessages(context, conversation))) return healthy(subject);
  const details = { user_uuid, at: String(row.sk), found: head ? 'not a participant' : 'no such conversation' };
  return {
    subject,
    findings: [finding('inbox_row_foreign', { message_group_uuid: conversation, ...details })],
    repair: removing(context, row, {
      key: items.headKey(conversation),
      condition: hasNoParticipant(user_uuid),
    }),
  };
}

/** A pair that names a conversation which is not there, or is that of others. */
export async function checkPair(context: CheckContext, subject: Loose): Promise<Diagnosis> {
  const pair = await again(context, subject);
  if (!pair) return healthy(subject);
  const conversation = pair.message_group_uuid as Uuid;
  const head = await getHead(context.table, conversation);
  if (head && (!isWellFormed(head) || isPairOf(pair, head.participants))) return healthy(subject);
  if (!head && (await hasMessages(context, conversation))) return healthy(subject); // it is the head that is lost
  const repair = head
    ? // Of whom it is the pair, its own conversation's look knows and corrects; if they have none, it goes.
      removing(context, pair, { key: items.headKey(conversation), condition: keyIsTaken })
    : removing(context, pair, { key: items.headKey(conversation), condition: keyIsFree });
  return {
    subject,
    findings: [finding(head ? 'pair_foreign' : 'pair_without_head', { message_group_uuid: conversation })],
    repair,
  };
}

export function isPairOf(pair: items.Item, people: readonly { user_uuid: Uuid }[]): boolean {
  const [one, other] = people;
  return !!one && !!other && items.pairKey(one.user_uuid, other.user_uuid).pk === pair.pk;
}

/** A receipt that has outlived its time by days, or whose message is not there: the request sent again would find nothing. */
export async function checkReceipt(context: CheckContext, subject: Loose): Promise<Diagnosis> {
  const item = await again(context, subject);
  if (!item) return healthy(subject);
  const { message_group_uuid, created_at, expires_at } = items.receiptOf(item);
  const key = items.messageKey(message_group_uuid, created_at);
  const of = { message_group_uuid, user_uuid: ownerOf(item, 'receipt') };
  const findings: Finding[] = [];
  if (isLongExpired(item, context)) {
    findings.push(finding('receipt_expired', { ...of, expected: 'deleted', found: expires_at }));
    return {
      subject,
      findings,
      repair: removing(context, item),
    };
  }
  if (await getMessage(context.table, message_group_uuid, created_at)) return healthy(subject);
  findings.push(finding('receipt_points_nowhere', { ...of, expected: created_at }));
  return { subject, findings, repair: removing(context, item, { key, condition: keyIsFree }) };
}

export const isLongExpired = (receipt: items.Item, { now }: Pick<CheckContext, 'now'>): boolean =>
  Number(receipt.expires_at) + expiryTakes < toSeconds(now());

async function hasMessages({ table }: CheckContext, conversation: Uuid): Promise<boolean> {
  return (
    (await messagesBefore(table, conversation, { before: undefined as Timestamp | undefined, limit: 1 })).rows.length >
    0
  );
}
