import { setTimeout as wait } from 'node:timers/promises';
import { type Head, isParticipant } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import { type Timestamp, toMicros } from '../../core/model/time.ts';
import * as items from '../../core/table/items.ts';
import { getHead, getMessage, messagesBefore } from '../../core/table/reads.ts';
import { type Found, getMany, numbersOf, rowsOf } from '../table/scan.ts';
import { checkLostHead } from './check-lost-head.ts';
import { type CheckContext, type ConversationSnapshot, type Diagnosis, healthy, type Subject } from './diagnosis.ts';
import { repairConversation } from './repair-conversation.ts';
import { checkConversation, isWellFormed } from './rules/conversation-rules.ts';
import { finding } from './rules/finding.ts';
import { SequenceCheck } from './rules/sequence-check.ts';
import type { PlacedRow } from './rules/snapshot.ts';

const mostLooks = 20;

/**
 * Looks at a conversation closely: strongly consistent reads between two readings of its head that agree. One that the service
 * writes to at every look is alive, not ill.
 */
export async function checkConversationClosely(context: CheckContext, conversation: Uuid): Promise<Diagnosis> {
  const subject: Subject = { kind: 'conversation', conversation };
  const started = Date.now();
  let shownAtFirst: Timestamp | undefined | null = null;
  let upTo: Timestamp | undefined;
  for (let looks = 1; looks <= mostLooks; looks++) {
    const head = await getHead(context.table, conversation);
    if (!head) {
      const { rows } = await messagesBefore(context.table, conversation, { before: undefined, limit: 1 });
      if (rows.length === 0) return healthy(subject); // what points to it is judged where it lies
      if (await getHead(context.table, conversation)) continue; // just opened
      return checkLostHead(context, conversation);
    }
    if (!isWellFormed(head) || head.message_group_uuid !== conversation) {
      return { subject, findings: [finding('head_invalid', { message_group_uuid: conversation })] };
    }
    const snapshot = await see(context, head, upTo && head.last_message_at);
    const later = await getHead(context.table, conversation);
    if (later?.rows_rev !== head.rows_rev) continue;
    if (!sameCounters(later.sent, head.sent) && upTo === undefined) {
      upTo = head.last_message_at; // from now on each look counts the messages up to its own head only
      continue;
    }

    if (shownAtFirst === null) shownAtFirst = head.shown_at;
    if (isBehind(snapshot) && shownAtFirst === head.shown_at && !isOverdue(context, snapshot, started)) {
      looks = 0; // bounded by the grace
      await wait(Math.min(100, context.grace / 10 + 1));
      continue;
    }
    const isLate = isBehind(snapshot) && shownAtFirst === head.shown_at;
    const findings = checkConversation(snapshot, isLate);
    if (findings.length === 0) return healthy(subject);
    return { subject, findings, repair: repairConversation(context, snapshot, findings) };
  }
  return healthy(subject);
}

const isBehind = ({ head, sequence }: ConversationSnapshot) =>
  head.shown_at !== sequence.last?.created_at && sequence.firstUnshown !== undefined;

/** Whether the oldest message that the rows do not show has waited longer than a projection may take. */
function isOverdue({ now, grace }: CheckContext, { sequence }: ConversationSnapshot, started: number): boolean {
  const waits = (toMicros(now()) - toMicros(sequence.firstUnshown as Timestamp)) / 1000;
  return waits > grace || Date.now() - started >= grace;
}

async function see({ table }: CheckContext, head: Head, upTo: Timestamp | undefined): Promise<ConversationSnapshot> {
  const conversation = head.message_group_uuid;
  const [one, other] = head.participants.map(({ user_uuid }) => user_uuid) as [Uuid, Uuid];
  const places =
    head.inbox_at === undefined ? [] : [one, other].map((id) => items.inboxRowKey(id, head.inbox_at as never));
  const [sequence, related, ...rows] = await Promise.all([
    count(numbersOf(table, conversation, upTo), new SequenceCheck(conversation, head.shown_at)),
    getMany(table, [items.pairKey(one, other), items.userKey(one), items.userKey(other), ...places], {
      ConsistentRead: true,
    }),
    rowsOf(table, one, conversation).then(toPlaced),
    rowsOf(table, other, conversation).then(toPlaced),
  ]);
  const at = (time: Timestamp | undefined) => (time === undefined ? undefined : getMessage(table, conversation, time));
  const newest = await at(sequence.last?.created_at);
  const pair = related.get(items.pairKey(one, other))?.message_group_uuid as Uuid | undefined;
  const rival = pair !== undefined && pair !== conversation ? await getHead(table, pair) : undefined;
  return {
    head,
    sequence,
    rows,
    users: [userIn(related, one), userIn(related, other)],
    pair,
    hasRival: rival !== undefined && isParticipant(rival, one) && isParticipant(rival, other),
    newest,
    shown: head.shown_at === newest?.created_at ? newest : await at(head.shown_at),
    placeIsOurs: places.every((key) => (related.get(key)?.message_group_uuid ?? conversation) === conversation),
  };
}

async function count(messages: ReturnType<typeof numbersOf>, sequence: SequenceCheck): Promise<SequenceCheck> {
  for await (const message of messages) sequence.add(message);
  return sequence;
}

const toPlaced = (rows: items.Item[]): PlacedRow[] =>
  rows.map((item) => ({ ...items.inboxRowOf(item), place: item.sk as Timestamp }));

function userIn(found: Found, user_uuid: Uuid) {
  const item = found.get(items.userKey(user_uuid));
  return item && items.userOf(item);
}

const sameCounters = (one: Head['sent'], other: Head['sent']) =>
  Object.keys({ ...one, ...other }).every((key) => one[key] === other[key]);
