import type { Uuid } from './id.ts';
import type { Message } from './message.ts';
import { fromMicros, justAfter, type Timestamp } from './time.ts';
import type { User } from './user.ts';

/**
 * The head of a conversation: the authoritative record of its participants and counters. `sent` and `read` never
 * decrease. Everything that the inbox rows show can be computed from the head and from the message at
 * `last_message_at`.
 */
export interface Head {
  message_group_uuid: Uuid;
  participants: readonly [User, User];
  last_message_at: Timestamp;
  /** By user_uuid: the number of messages that the participant sent. */
  sent: Readonly<Record<string, number>>;
  /** By user_uuid: the number of the OTHER participant's messages that the participant has read. */
  read: Readonly<Record<string, number>>;
  /** The sort key of both inbox rows; undefined while there are none. */
  inbox_at?: Timestamp;
  /**
   * The time of the message that the rows show. It differs from `inbox_at` if another conversation's row had that
   * time as its sort key already.
   */
  shown_at?: Timestamp;
  /** The revision of the rows. Each write of the rows raises it, on the condition that it has not changed since the head was read. */
  rows_rev: number;
}

/**
 * The head of a conversation before its first message, from which the first message is counted. It is never stored.
 */
export function emptyHead(message_group_uuid: Uuid, starter: User, other: User): Head {
  const none = { [starter.user_uuid]: 0, [other.user_uuid]: 0 };
  return {
    message_group_uuid,
    participants: [starter, other],
    last_message_at: fromMicros(0),
    sent: none,
    read: none,
    rows_rev: 0,
  };
}

/** Whether a user may read the conversation and write in it. */
export function isParticipant(head: Head, user_uuid: Uuid): boolean {
  return head.participants.some((participant) => participant.user_uuid === user_uuid);
}

/** The other participant. */
export function otherThan(head: Head, user_uuid: Uuid): User {
  const [first, second] = head.participants;
  return first.user_uuid === user_uuid ? second : first;
}

/**
 * Appends a message.
 * @param options.now the current time; if it is not later than the time of the previous message, the message gets the
 * next microsecond after that
 * @returns the message, and the head after it
 */
export function append(
  head: Head,
  {
    now,
    ...message
  }: Pick<Message, 'sender' | 'message_uuid' | 'message' | 'idempotency_key_hash'> & { now: Timestamp },
): { message: Message; head: Head } {
  const earliest = justAfter(head.last_message_at);
  const created_at = now > earliest ? now : earliest;
  const { user_uuid } = message.sender;
  const sender_seq = count(head.sent, user_uuid) + 1;
  const sent = { ...head.sent, [user_uuid]: sender_seq };
  return {
    message: { message_group_uuid: head.message_group_uuid, created_at, seq: total(sent), sender_seq, ...message },
    head: { ...head, last_message_at: created_at, sent },
  };
}

/** The number of the other participant's messages that a participant has not marked as read. */
export function unreadCount(head: Head, user_uuid: Uuid): number {
  return count(head.sent, otherThan(head, user_uuid).user_uuid) - count(head.read, user_uuid);
}

/**
 * Marks messages as read, up to and including one.
 * @param upTo that message; from its numbers follows how many messages of the other participant came before it:
 * `seq - sender_seq` for a message of the reader
 * @returns the new head; `read` never decreases
 */
export function markRead(head: Head, user_uuid: Uuid, upTo: Pick<Message, 'sender' | 'seq' | 'sender_seq'>): Head {
  const othersBefore = upTo.sender.user_uuid === user_uuid ? upTo.seq - upTo.sender_seq : upTo.sender_seq;
  const read = Math.max(count(head.read, user_uuid), othersBefore);
  return { ...head, read: { ...head.read, [user_uuid]: read } };
}

/** The number of the newest message: 0 before the first one. */
export function newestSeq({ sent }: Head): number {
  return total(sent);
}

/**
 * @returns the head after both inbox rows have been written with its newest message
 * @param place the sort key of the rows
 */
export function projectedAt(head: Head, place: Timestamp): Head {
  return { ...head, inbox_at: place, shown_at: head.last_message_at, rows_rev: head.rows_rev + 1 };
}

/** Whether the inbox rows show the newest message. */
export function isProjected(head: Head): boolean {
  return head.shown_at === head.last_message_at;
}

function total(counters: Readonly<Record<string, number>>): number {
  return Object.values(counters).reduce((sum, n) => sum + n, 0);
}

function count(counters: Readonly<Record<string, number>>, user_uuid: Uuid): number {
  return counters[user_uuid] ?? 0;
}
