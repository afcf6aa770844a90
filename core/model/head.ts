import type { Uuid } from './id.ts';
import type { Message } from './message.ts';
import { fromMicros, justAfter, type Timestamp } from './time.ts';
import type { User } from './user.ts';

/**
 * The one source of truth of a conversation. `sent` and `read` only grow; everything that the inbox rows show follows from
 * the head and the message that it points to.
 */
export interface Head {
  message_group_uuid: Uuid;
  participants: readonly [User, User];
  last_message_at: Timestamp;
  /** By user_uuid: how many messages they sent. */
  sent: Readonly<Record<string, number>>;
  /** By user_uuid: how many of the OTHER person's messages they read. */
  read: Readonly<Record<string, number>>;
  /** Where the two inbox rows sit now; undefined until the first projection. */
  inbox_at?: Timestamp;
  /** The time of the message that the rows show: `inbox_at`, but after a collision. */
  shown_at?: Timestamp;
  /** Grows whenever the rows are written: the condition under which they may be. */
  rows_rev: number;
}

/** A conversation before its first message: never stored, only ever advanced. */
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

/** Whether a person may see and write the conversation. */
export function isParticipant(head: Head, user_uuid: Uuid): boolean {
  return head.participants.some((participant) => participant.user_uuid === user_uuid);
}

/** The other of the two. */
export function otherThan(head: Head, user_uuid: Uuid): User {
  const [first, second] = head.participants;
  return first.user_uuid === user_uuid ? second : first;
}

/** A new message at the end of the conversation, and the head that goes with it. `now` counts only when it is later than the last message. */
export function append(
  head: Head,
  { sender, message_uuid, message, now }: { sender: User; message_uuid: Uuid; message: string; now: Timestamp },
): { message: Message; head: Head } {
  const earliest = justAfter(head.last_message_at);
  const created_at = now > earliest ? now : earliest;
  const sender_seq = count(head.sent, sender.user_uuid) + 1;
  const sent = { ...head.sent, [sender.user_uuid]: sender_seq };
  const seq = Object.values(sent).reduce((sum, n) => sum + n, 0);
  return {
    message: {
      message_group_uuid: head.message_group_uuid,
      message_uuid,
      created_at,
      seq,
      sender_seq,
      message,
      sender,
    },
    head: { ...head, last_message_at: created_at, sent },
  };
}

/** How many of the other person's messages a person has not marked as read. */
export function unreadCount(head: Head, user_uuid: Uuid): number {
  return count(head.sent, otherThan(head, user_uuid).user_uuid) - count(head.read, user_uuid);
}

/**
 * The head after a person read up to and including a message. Of a message of theirs, the other's messages before it are
 * `seq - sender_seq`; never moves back.
 */
export function markRead(head: Head, user_uuid: Uuid, upTo: Pick<Message, 'sender' | 'seq' | 'sender_seq'>): Head {
  const othersBefore = upTo.sender.user_uuid === user_uuid ? upTo.seq - upTo.sender_seq : upTo.sender_seq;
  const read = Math.max(count(head.read, user_uuid), othersBefore);
  return { ...head, read: { ...head.read, [user_uuid]: read } };
}

/** Whether the inbox rows show the newest message. */
export function isProjected(head: Head): boolean {
  return head.shown_at === head.last_message_at;
}

function count(counters: Readonly<Record<string, number>>, user_uuid: Uuid): number {
  return counters[user_uuid] ?? 0;
}
