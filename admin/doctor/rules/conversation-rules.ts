import { isEqual } from '../../../core/model/equal.ts';
import { type Head, includes, isParticipant } from '../../../core/model/head.ts';
import type { Uuid } from '../../../core/model/id.ts';
import { timestamp } from '../../../core/model/time.ts';
import { type Finding, finding } from './finding.ts';
import { rowFindings } from './row-rules.ts';
import type { Snapshot } from './snapshot.ts';

const storedTime = timestamp('created_at_invalid');
const isTimestamp = (value: unknown) => storedTime.safeParse(value).success;

/**
 * Whether the attributes of a stored head have the right types. The other rules can be applied only to such a head.
 */
export function isWellFormed(head: Head): boolean {
  const { participants, sent, read, rows_rev, last_message_at } = head;
  const ids = Array.isArray(participants) ? participants.map((participant) => participant?.user_uuid) : [];
  const isMap = (counters: unknown) => typeof counters === 'object' && counters !== null;
  const areTwo = ids.length === 2 && new Set(ids.filter(Boolean)).size === 2;
  const times = [last_message_at, head.inbox_at ?? last_message_at, head.shown_at ?? last_message_at];
  const areTimes = times.every((time) => isTimestamp(time));
  return areTwo && isMap(sent) && isMap(read) && Number.isInteger(rows_rev) && areTimes;
}

/**
 * @returns the head that matches the messages. If a message is missing or a number is doubled, `sent` stays as it is:
 * it is then unknown whether the head or the messages are right.
 */
export function repairedHead({ head, sequence }: Pick<Snapshot, 'head' | 'sequence'>): Head {
  const ids = head.participants.map(({ user_uuid }) => user_uuid) as [Uuid, Uuid];
  const isWhole = sequence.faults.length === 0 && [...sequence.sent.keys()].every((sender) => ids.includes(sender));
  const sent = isWhole ? Object.fromEntries(ids.map((id) => [id, sequence.sent.get(id) ?? 0])) : head.sent;
  const sentTo = (id: Uuid) => sent[ids[0] === id ? ids[1] : ids[0]] ?? 0;
  const read = Object.fromEntries(ids.map((id) => [id, Math.max(0, Math.min(head.read[id] ?? 0, sentTo(id)))]));
  return { ...head, sent, read, last_message_at: sequence.last?.created_at ?? head.last_message_at };
}

/**
 * @param isLate whether the projection is overdue: only then are rows that do not show the newest message a violation
 * @returns the violations of a conversation
 */
export function conversationFindings(snapshot: Snapshot, isLate: boolean): Finding[] {
  const expected = repairedHead(snapshot);
  return [...snapshot.sequence.faults, ...headFindings(snapshot, expected), ...rowFindings(snapshot, expected, isLate)];
}

function headFindings(
  { head, sequence, users, pair, blocked_by, hasRival, erasing = [] }: Snapshot,
  expected: Head,
): Finding[] {
  const message_group_uuid = head.message_group_uuid;
  const found: Finding[] = [];
  const add: typeof finding = (code, details) => {
    const made = finding(code, { message_group_uuid, ...details });
    found.push(made);
    return made;
  };
  for (const user_uuid of sequence.sent.keys()) {
    if (!isParticipant(head, user_uuid)) add('message_foreign', { user_uuid, field: 'sender' });
  }
  if (!sequence.last) add('head_without_messages');
  else if (sequence.last.created_at !== head.last_message_at) {
    add('head_time_wrong', {
      field: 'last_message_at',
      expected: sequence.last.created_at,
      found: head.last_message_at,
    });
  }
  for (const field of ['sent', 'read'] as const) {
    if (!sequence.last || isEqual(head[field], expected[field])) continue;
    add('head_counter_wrong', { field, expected: expected[field], found: head[field] });
  }
  // Names are not compared: an operation that shows one reads the user.
  for (const [index, { user_uuid }] of head.participants.entries()) {
    if (!users[index]) add('participant_without_user', { user_uuid });
    else if (includes(head.gone, user_uuid)) {
      if (!users[index]?.gone_at) add('head_gone_wrong', { user_uuid });
    } else if (users[index]?.gone_at && !erasing.includes(user_uuid)) add('erasure_forgotten', { user_uuid });
  }
  if (pair.message_group_uuid !== message_group_uuid) {
    const found = pair.message_group_uuid;
    add('head_without_pair', { expected: message_group_uuid, found, repairable: hasRival !== true });
  }
  for (const [code, { blocked_by: found = [] }] of [
    ['pair_blocks_wrong', pair],
    ['head_blocks_wrong', head],
  ] as const)
    if (!isEqual([...found].sort(), blocked_by)) add(code, { expected: blocked_by, found });
  return found;
}
