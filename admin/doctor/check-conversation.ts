import { deadlineOf } from '../../core/deps.ts';
import { type Head, isParticipant } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import { type Timestamp, toMicros } from '../../core/model/time.ts';
import { getExpectedHead, getNamedMessage } from '../../core/table/confirmed-reads.ts';
import * as items from '../../core/table/items.ts';
import { getHead, getMessage } from '../../core/table/reads.ts';
import { getNamed, type ItemsByKey, inboxRowsOf, readMessageNumbers } from '../table/scan.ts';
import { checkLostHead } from './check-lost-head.ts';
import { hasMessages, namedHead } from './check-references.ts';
import { type CheckContext, type ConversationSnapshot, type Diagnosis, noFindings, type Subject } from './diagnosis.ts';
import { repairConversation } from './repair-conversation.ts';
import { conversationFindings, isWellFormed } from './rules/conversation-rules.ts';
import { finding } from './rules/finding.ts';
import { SequenceCheck } from './rules/sequence-check.ts';
import type { PlacedRow } from './rules/snapshot.ts';

const maxAttempts = 20;

/**
 * Checks a conversation by strongly consistent reads. They cannot all happen at one moment, so a snapshot is used
 * only if the head was the same before and after them. If the head changes during every attempt, the service is
 * writing to the conversation, and the check reports nothing.
 * @throws DomainError `throttled` when DynamoDB throttles; `message_group_busy` when a transaction on its newest message does not end
 */
export async function checkConversation(context: CheckContext, conversation: Uuid): Promise<Diagnosis> {
  const subject: Subject = { kind: 'conversation', conversation };
  const { runtime } = context.table;
  const started = runtime.millis();
  let firstShownAt: Timestamp | undefined | null = null; // null before the first snapshot
  let upTo: Timestamp | undefined;
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const head = await getHead(context.table, conversation);
    if (!head) {
      // Its receipts, pair and inbox rows are checked as subjects of their own.
      if (!(await hasMessages(context, conversation))) return noFindings(subject);
      // A user started the conversation between the two reads.
      if (await namedHead(context, conversation)) continue;
      return checkLostHead(context, conversation);
    }
    if (!isWellFormed(head) || head.message_group_uuid !== conversation) {
      return { subject, findings: [finding('head_invalid', { message_group_uuid: conversation })] };
    }
    const snapshot = await readSnapshot(context, head, upTo && head.last_message_at);
    const reread = await getHead(context.table, conversation);
    if (reread?.rows_rev !== head.rows_rev) continue;
    if (!haveSameCounters(reread.sent, head.sent) && upTo === undefined) {
      // The counters have changed, so users are sending messages now. From here on, each snapshot ends at the newest
      // message that its own head names.
      upTo = head.last_message_at;
      continue;
    }

    if ((await lacksItsNewest(context, snapshot)) || (await hasNewerHead(context, snapshot))) continue;

    if (firstShownAt === null) firstShownAt = head.shown_at;
    const awaitsRows = isBehind(snapshot) && firstShownAt === head.shown_at && !isOverdue(context, snapshot, started);
    if (awaitsRows || (hasFreshGap(context, snapshot) && runtime.millis() - started < context.grace)) {
      attempt = 0; // the grace period bounds this loop
      await runtime.wait(Math.min(100, context.grace / 10 + 1));
      continue;
    }
    const isLate = isBehind(snapshot) && firstShownAt === head.shown_at;
    const findings = conversationFindings(snapshot, isLate);
    if (findings.length === 0) return noFindings(subject);
    return { subject, findings, repair: repairConversation(context, snapshot, findings) };
  }
  return noFindings(subject);
}

/** Whether there are messages that the inbox rows do not show yet. */
const isBehind = ({ head, sequence }: ConversationSnapshot) =>
  head.shown_at !== sequence.last?.created_at && sequence.firstUnshown !== undefined;

/** Whether the oldest message that the rows do not show has waited for its projection longer than the grace period. */
function isOverdue({ table, now, grace }: CheckContext, { sequence }: ConversationSnapshot, started: number): boolean {
  const age = (toMicros(now()) - toMicros(sequence.firstUnshown as Timestamp)) / 1000; // milliseconds
  return age > grace || table.runtime.millis() - started >= grace;
}

/**
 * Whether a message that the head names is there although the snapshot is without it: DynamoDB may show a head before the message of the
 * same transaction. Read in a transaction, since only that waits for one that is under way.
 */
async function lacksItsNewest(context: CheckContext, { head, sequence }: ConversationSnapshot): Promise<boolean> {
  const { message_group_uuid, last_message_at } = head;
  if (sequence.last && sequence.last.created_at >= last_message_at) return false;
  const deadline = deadlineOf(context);
  return (await getNamedMessage(context.table, message_group_uuid, last_message_at, deadline)) !== undefined;
}

/**
 * Whether the head counts a message by now that it did not count in the snapshot: DynamoDB may show a message before the head of the same
 * transaction, too.
 */
async function hasNewerHead(context: CheckContext, { head, sequence }: ConversationSnapshot): Promise<boolean> {
  const { last } = sequence;
  if (!last || last.created_at <= head.last_message_at) return false;
  const counts = (of: Head) => of.last_message_at >= last.created_at;
  const confirmed = await getExpectedHead(context.table, head.message_group_uuid, counts, deadlineOf(context), head);
  return confirmed?.last_message_at !== head.last_message_at;
}

const freshFor = 60_000_000; // microseconds

/** Whether a message is missing before one of the last minute: for an instant, DynamoDB may show the later one only. */
function hasFreshGap({ now }: CheckContext, { sequence }: ConversationSnapshot): boolean {
  const oldest = toMicros(now()) - freshFor;
  return sequence.faults.some(({ code, at }) => code === 'seq_gap' && toMicros(at as Timestamp) > oldest);
}

/** @param upTo the time of the last message to read; default: all messages */
async function readSnapshot(
  context: CheckContext,
  head: Head,
  upTo: Timestamp | undefined,
): Promise<ConversationSnapshot> {
  const { table } = context;
  const conversation = head.message_group_uuid;
  const [one, other] = head.participants.map(({ user_uuid }) => user_uuid) as [Uuid, Uuid];
  const places =
    head.inbox_at === undefined ? [] : [one, other].map((id) => items.inboxRowKey(id, head.inbox_at as never));
  const [sequence, related, ...rows] = await Promise.all([
    checkSequence(readMessageNumbers(table, conversation, upTo), new SequenceCheck(conversation, head.shown_at)),
    getNamed(
      table,
      [items.pairKey(one, other), items.userKey(one), items.userKey(other), ...places],
      deadlineOf(context),
    ),
    inboxRowsOf(table, one, conversation).then(toPlacedRows),
    inboxRowsOf(table, other, conversation).then(toPlacedRows),
  ]);
  const messageAt = (time: Timestamp | undefined) =>
    time === undefined ? undefined : getMessage(table, conversation, time);
  const newest = await messageAt(sequence.last?.created_at);
  const pair = related.get(items.pairKey(one, other))?.message_group_uuid as Uuid | undefined;
  const rival = pair !== undefined && pair !== conversation ? await namedHead(context, pair) : undefined;
  return {
    head,
    sequence,
    rows,
    users: [userIn(related, one), userIn(related, other)],
    pair,
    hasRival: rival !== undefined && isParticipant(rival, one) && isParticipant(rival, other),
    newest,
    shown: head.shown_at === newest?.created_at ? newest : await messageAt(head.shown_at),
    placeIsFreeOrOwn: places.every((key) => (related.get(key)?.message_group_uuid ?? conversation) === conversation),
  };
}

async function checkSequence(
  messages: ReturnType<typeof readMessageNumbers>,
  sequence: SequenceCheck,
): Promise<SequenceCheck> {
  for await (const message of messages) sequence.add(message);
  return sequence;
}

const toPlacedRows = (rows: items.Item[]): PlacedRow[] =>
  rows.map((item) => ({ ...items.inboxRowOf(item), place: item.sk as Timestamp }));

function userIn(found: ItemsByKey, user_uuid: Uuid) {
  const item = found.get(items.userKey(user_uuid));
  return item && items.userOf(item);
}

const haveSameCounters = (one: Head['sent'], other: Head['sent']) =>
  Object.keys({ ...one, ...other }).every((key) => one[key] === other[key]);
