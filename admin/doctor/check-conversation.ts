import { deadlineOf } from '../../core/deps.ts';
import { isEqual } from '../../core/model/equal.ts';
import { type Head, hasUnshownVersion, includes, isParticipant, participantIds } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import { type Timestamp, toMicros } from '../../core/model/time.ts';
import { getTogether } from '../../core/table/confirmed-reads.ts';
import * as items from '../../core/table/items.ts';
import { getHead, getMessage } from '../../core/table/reads.ts';
import { getMany, getNamed, type ItemsByKey, inboxRowsOf, readMessageNumbers } from '../table/scan.ts';
import { blockersIn, blockersOf, blockKeys } from './check-blocks.ts';
import { checkLostHead } from './check-lost-head.ts';
import { hasMessages, namedHead } from './check-references.ts';
import { type CheckContext, type ConversationSnapshot, type Diagnosis, noFindings, type Subject } from './diagnosis.ts';
import { isInPlace, keyOfRow, placeOfRow, toPlacedRow } from './placed-rows.ts';
import { repairConversation } from './repair-conversation.ts';
import { conversationFindings, isWellFormed } from './rules/conversation-rules.ts';
import { finding } from './rules/finding.ts';
import { SequenceCheck } from './rules/sequence-check.ts';

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
  let firstShown: string | undefined; // before the first snapshot
  let gapsSeen = { gaps: '', at: started };
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

    const shown = `${head.shown_at} ${head.shown_version}`;
    firstShown ??= shown;
    const awaitsRows = isBehind(snapshot) && firstShown === shown && !isOverdue(context, snapshot, started);
    const gaps = freshGaps(context, snapshot);
    if (gaps !== gapsSeen.gaps) gapsSeen = { gaps, at: runtime.millis() };
    if (awaitsRows || (gaps !== '' && runtime.millis() - gapsSeen.at < context.grace)) {
      attempt = 0; // the grace period bounds this loop
      await runtime.wait(Math.min(100, context.grace / 10 + 1));
      continue;
    }
    const isLate = isBehind(snapshot) && firstShown === shown;
    const findings = conversationFindings(snapshot, isLate);
    if (findings.length === 0) return noFindings(subject);
    if (!(await isConfirmed(context, snapshot))) continue;
    return { subject, findings, repair: repairConversation(context, snapshot, findings) };
  }
  return noFindings(subject);
}

/** Whether there are messages, or changes of messages, that the inbox rows do not show yet. */
const isBehind = ({ head, sequence }: ConversationSnapshot) =>
  (head.shown_at !== sequence.last?.created_at && sequence.firstUnshown !== undefined) || hasUnshownVersion(head);

/** Whether the oldest message that the rows do not show has waited for its projection longer than the grace period. */
function isOverdue({ table, now, grace }: CheckContext, { sequence }: ConversationSnapshot, started: number): boolean {
  const { firstUnshown } = sequence; // undefined if a message was changed: nothing tells when
  const age = firstUnshown === undefined ? 0 : (toMicros(now()) - toMicros(firstUnshown)) / 1000; // milliseconds
  return age > grace || table.runtime.millis() - started >= grace;
}

const mostRows = 90; // a transaction reads 100 items at most

/**
 * Whether the head, its newest message and the rows are as they are in the snapshot when all of them are read in one transaction. Single
 * reads may see the items of a write transaction one by one: a head before its message or its rows, or after them.
 */
async function isConfirmed(
  context: CheckContext,
  { head, sequence, rows, newest, pair, blocked_by }: ConversationSnapshot,
): Promise<boolean> {
  const { message_group_uuid: conversation, last_message_at } = head;
  const places = participantIds(head).flatMap((owner, index) => {
    const found = (rows[index] ?? []).map((row) => ({ key: keyOfRow(owner, row), row }));
    const expected = placeOfRow(head, owner);
    if (!expected || found.some(({ row }) => isInPlace(row, head, owner))) return found;
    return [...found, { key: keyOfRow(owner, expected), row: undefined }];
  });
  const checked = places.slice(0, mostRows);
  const users = participantIds(head);
  const keys = [items.headKey(conversation), items.messageKey(conversation, last_message_at)];
  const ofBlocks = [items.pairKey(...users), ...blockKeys(...users)];
  const all = [...keys, ...ofBlocks, ...checked.map(({ key }) => key)];
  const found = await getTogether(context.table, all, deadlineOf(context));
  const [headItem, newestItem, pairItem, block0, block1, ...rowItems] = found;
  const current = headItem && items.headOf(headItem);
  if (current?.rows_rev !== head.rows_rev) return false;
  const last = sequence.last?.created_at ?? '';
  if (last < last_message_at && newestItem) return false;
  const isSame = isEqual(current.blocked_by, head.blocked_by) && isEqual(items.pairOf(pairItem ?? {}), pair);
  if (!isSame || !isEqual(blockersOf(users, [block0, block1]), blocked_by)) return false;
  // A message that was changed meanwhile, or that was read without its change
  if (current.version !== head.version) return false;
  if (last === last_message_at && newestItem?.revision !== newest?.revision) return false;
  // A snapshot that ends at the head's newest message stays right when more are sent.
  if (last > last_message_at && current.last_message_at !== last_message_at) return false;
  return checked.every(({ row }, n) => {
    const item = rowItems[n];
    return isEqual(item?.message_group_uuid === conversation ? toPlacedRow(item) : undefined, row);
  });
}

const freshFor = 60_000_000; // microseconds

/** The messages of the last minute before which others are missing: for an instant, DynamoDB may show the later one only. */
function freshGaps({ now }: CheckContext, { sequence }: ConversationSnapshot): string {
  const oldest = toMicros(now()) - freshFor;
  return sequence.faults
    .filter(({ code, at }) => code === 'seq_gap' && toMicros(at as Timestamp) > oldest)
    .map(({ at }) => at)
    .join();
}

/** @param upTo the time of the last message to read; default: all messages */
async function readSnapshot(
  context: CheckContext,
  head: Head,
  upTo: Timestamp | undefined,
): Promise<ConversationSnapshot> {
  const { table } = context;
  const conversation = head.message_group_uuid;
  const [one, other] = participantIds(head);
  const places = [one, other].flatMap((owner) => {
    const place = placeOfRow(head, owner);
    return place ? [keyOfRow(owner, place)] : [];
  });
  const [sequence, related, blocks, atPlaces, ...rows] = await Promise.all([
    checkSequence(readMessageNumbers(table, conversation, upTo), new SequenceCheck(conversation, head.shown_at)),
    getNamed(table, [items.pairKey(one, other), items.userKey(one), items.userKey(other)], deadlineOf(context)),
    getMany(table, blockKeys(one, other), { ConsistentRead: true }),
    getMany(table, places, { ConsistentRead: true }),
    inboxRowsOf(table, one, conversation).then((found) => found.map(toPlacedRow)),
    inboxRowsOf(table, other, conversation).then((found) => found.map(toPlacedRow)),
  ]);
  const messageAt = (time: Timestamp | undefined) =>
    time === undefined ? undefined : getMessage(table, conversation, time);
  const newest = await messageAt(sequence.last?.created_at);
  const pair = items.pairOf(related.get(items.pairKey(one, other)) ?? {});
  const { message_group_uuid: named = conversation } = pair;
  const rival = named === conversation ? undefined : await namedHead(context, named);
  const users: ConversationSnapshot['users'] = [userIn(related, one), userIn(related, other)];
  return {
    head,
    sequence,
    rows,
    users,
    erasing: await erasingIn(context, head, users),
    pair,
    blocked_by: blockersIn(blocks, one, other),
    hasRival: rival !== undefined && isParticipant(rival, one) && isParticipant(rival, other),
    newest,
    shown: head.shown_at === newest?.created_at ? newest : await messageAt(head.shown_at),
    placeIsFreeOrOwn: places.every((key) => (atPlaces.get(key)?.message_group_uuid ?? conversation) === conversation),
  };
}

/** Which users are being erased, of those who are gone without their head saying so. */
async function erasingIn(context: CheckContext, head: Head, users: ConversationSnapshot['users']): Promise<Uuid[]> {
  const gone = users.flatMap((user) => (user?.gone_at && !includes(head.gone, user.user_uuid) ? [user.user_uuid] : []));
  if (gone.length === 0) return [];
  const found = await getTogether(context.table, gone.map(items.erasureKey), deadlineOf(context));
  return gone.filter((_, n) => found[n]);
}

async function checkSequence(
  messages: ReturnType<typeof readMessageNumbers>,
  sequence: SequenceCheck,
): Promise<SequenceCheck> {
  for await (const message of messages) sequence.add(message);
  return sequence;
}

function userIn(found: ItemsByKey, user_uuid: Uuid) {
  const item = found.get(items.userKey(user_uuid));
  return item && items.userOf(item);
}

const haveSameCounters = (one: Head['sent'], other: Head['sent']) =>
  Object.keys({ ...one, ...other }).every((key) => one[key] === other[key]);
