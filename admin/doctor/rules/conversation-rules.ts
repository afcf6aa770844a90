import { isEqual } from '../../../core/model/equal.ts';
import { type Head, isParticipant } from '../../../core/model/head.ts';
import type { Uuid } from '../../../core/model/id.ts';
import { timestamp } from '../../../core/model/time.ts';
import type { User } from '../../../core/model/user.ts';
import { type Finding, finding } from './finding.ts';
import { checkRows, named } from './row-rules.ts';
import type { Snapshot } from './snapshot.ts';

const isTimestamp = (value: unknown) => timestamp('created_at_invalid').safeParse(value).success;

/** Whether a head has the shape of one: what does not cannot be judged further. */
export function isWellFormed(head: Head): boolean {
  const { participants, sent, read, rows_rev, last_message_at } = head;
  const people = Array.isArray(participants) ? participants.map((person) => person?.user_uuid) : [];
  const isMap = (counters: unknown) => typeof counters === 'object' && counters !== null;
  const isOfTwo = people.length === 2 && new Set(people.filter(Boolean)).size === 2;
  const times = [last_message_at, head.inbox_at ?? last_message_at, head.shown_at ?? last_message_at];
  const areTimes = times.every((time) => isTimestamp(time));
  return isOfTwo && isMap(sent) && isMap(read) && Number.isInteger(rows_rev) && areTimes;
}

/**
 * The head as its messages and the people say it should be. With numbers missing or doubled among the messages its counters stay:
 * which side is right cannot be known then.
 */
export function repairedHead({ head, sequence, users }: Pick<Snapshot, 'head' | 'sequence' | 'users'>): Head {
  const participants = head.participants.map((person, index) => users[index] ?? person) as [User, User];
  const ids = participants.map(({ user_uuid }) => user_uuid) as [Uuid, Uuid];
  const isWhole = sequence.faults.length === 0 && [...sequence.sent.keys()].every((sender) => ids.includes(sender));
  const sent = isWhole ? Object.fromEntries(ids.map((id) => [id, sequence.sent.get(id) ?? 0])) : head.sent;
  const most = (me: Uuid) => sent[ids[0] === me ? ids[1] : ids[0]] ?? 0;
  const read = Object.fromEntries(ids.map((id) => [id, Math.max(0, Math.min(head.read[id] ?? 0, most(id)))]));
  return { ...head, participants, sent, read, last_message_at: sequence.last?.created_at ?? head.last_message_at };
}

/**
 * What is wrong with a conversation.
 * @param isLate whether rows that do not show the newest message should do so by now; else their projection may be under way
 */
export function checkConversation(snapshot: Snapshot, isLate: boolean): Finding[] {
  const right = repairedHead(snapshot);
  return [...snapshot.sequence.faults, ...checkHead(snapshot, right), ...checkRows(snapshot, right, isLate)];
}

function checkHead({ head, sequence, users, pair, hasRival }: Snapshot, right: Head): Finding[] {
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
    if (!sequence.last || isEqual(head[field], right[field])) continue;
    add('head_counter_wrong', { field, expected: right[field], found: head[field] });
  }
  for (const [index, { user_uuid, handle, display_name }] of head.participants.entries()) {
    const user = users[index];
    if (!user) add('participant_without_user', { user_uuid });
    else if (user.handle !== handle || user.display_name !== display_name) {
      add('head_name_differs', { user_uuid, expected: named(user), found: named({ handle, display_name }) });
    }
  }
  if (pair !== message_group_uuid) {
    add('head_without_pair', { expected: message_group_uuid, found: pair, repairable: hasRival !== true });
  }
  return found;
}
