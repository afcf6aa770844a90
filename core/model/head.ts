import { toUser } from './account.ts';
import type { Uuid } from './id.ts';
import type { Message } from './message.ts';
import { fromMicros, justAfter, type Timestamp } from './time.ts';
import type { Handle, User } from './user.ts';

/**
 * A participant of a conversation. The names are those of an earlier time, for functions of the last version that run beside new ones
 * during a deployment: an operation that shows a name reads the user.
 */
export interface Participant {
  user_uuid: Uuid;
  handle?: Handle;
  display_name?: string;
}

/**
 * The head of a conversation: the authoritative record of its participants and counters. `sent` and `read` never
 * decrease. Everything that the inbox rows show can be computed from the head and from the message at
 * `last_message_at`.
 */
export interface Head {
  message_group_uuid: Uuid;
  participants: readonly [Participant, Participant];
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
  /** Grows with each edited or deleted message, in the same transaction; undefined as long as there is none. */
  version?: number;
  /** The `version` that the rows show. */
  shown_version?: number;
  /** By user_uuid: the `created_at` up to which the participant sees no messages, since they cleared the conversation. */
  cleared?: Readonly<Record<string, Timestamp>>;
  /** Who muted the conversation. */
  muted_by?: readonly Uuid[];
  /** Who marked it as unread, and has not read it since. */
  marked_unread_by?: readonly Uuid[];
  /** By user_uuid: when the participant's messages and edits are used up, in milliseconds since 1970 (model/limits.ts). */
  tat?: Readonly<Record<string, number>>;
  /** Who blocks the other participant: the same users as in the pair. */
  blocked_by?: readonly Uuid[];
  /** Whose user was erased. */
  gone?: readonly Uuid[];
}

/**
 * The head of a conversation before its first message, from which the first message is counted. It is never stored.
 */
export function emptyHead(message_group_uuid: Uuid, starter: User, other: User): Head {
  const none = { [starter.user_uuid]: 0, [other.user_uuid]: 0 };
  return {
    message_group_uuid,
    participants: [toUser(starter), toUser(other)],
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

/** The user_uuids of the participants, in the order of the head. */
export function participantIds({ participants: [one, other] }: Head): [Uuid, Uuid] {
  return [one.user_uuid, other.user_uuid];
}

/** The other participant. */
export function otherThan(head: Head, user_uuid: Uuid): Participant {
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
    sender,
    ...message
  }: Pick<Message, 'sender' | 'message_uuid' | 'message' | 'idempotency_key_hash'> & { now: Timestamp },
): { message: Message; head: Head } {
  const earliest = justAfter(head.last_message_at);
  const created_at = now > earliest ? now : earliest;
  const { user_uuid } = sender;
  const sender_seq = count(head.sent, user_uuid) + 1;
  const sent = { ...head.sent, [user_uuid]: sender_seq };
  return {
    message: {
      message_group_uuid: head.message_group_uuid,
      created_at,
      seq: total(sent),
      sender_seq,
      sender: toUser(sender),
      ...message,
    },
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
  return { ...withMark(head, 'marked_unread_by', user_uuid, false), read: { ...head.read, [user_uuid]: read } };
}

/** @returns the head after the erasure of a participant's user, without names; the same one if they were gone before */
export function withGone(head: Head, user_uuid: Uuid): Head {
  const { gone = [] } = head;
  return includes(gone, user_uuid) ? head : withoutNames({ ...head, gone: [...gone, user_uuid] });
}

/** The time up to which a participant sees no messages: they have cleared the conversation so far. Undefined if they never did. */
export function clearedUpTo({ cleared }: Head, user_uuid: Uuid): Timestamp | undefined {
  return cleared?.[user_uuid];
}

/** Whether a participant has cleared a message, by its time. */
export function hasCleared(head: Head, user_uuid: Uuid, created_at: Timestamp): boolean {
  return created_at <= (clearedUpTo(head, user_uuid) ?? '');
}

/**
 * Clears the conversation for one participant, up to and including a message, and marks it as read so far.
 * @returns the new head; what is cleared stays so
 */
export function clear(
  head: Head,
  user_uuid: Uuid,
  upTo: Pick<Message, 'sender' | 'seq' | 'sender_seq' | 'created_at'>,
): Head {
  const cleared = { ...head.cleared, [user_uuid]: upTo.created_at };
  return { ...markRead(head, user_uuid, upTo), cleared };
}

/**
 * Sets or removes a participant's mark.
 * @returns the new head; the same one if nothing changes
 */
export function withMark(head: Head, mark: 'muted_by' | 'marked_unread_by', user_uuid: Uuid, isSet: boolean): Head {
  const { [mark]: before = [], ...rest } = head;
  if (includes(before, user_uuid) === isSet) return head;
  const others = before.filter((one) => one !== user_uuid);
  const marked = isSet ? [...others, user_uuid] : others;
  return marked.length > 0 ? { ...rest, [mark]: marked } : rest;
}

/**
 * The head as new code stores it, so that it stays below 1 KB when it grows: no code reads names from it. A conversation's head keeps its
 * names until it is first written with something that functions of the last version do not know.
 */
export function withoutNames(head: Head): Head {
  const [one, other] = head.participants;
  return { ...head, participants: [{ user_uuid: one.user_uuid }, { user_uuid: other.user_uuid }] };
}

/** @returns the head after a change of a message; @param until what its sender has used of their limit then, if it counts */
export function withChange(head: Head, user_uuid: Uuid, until: number | undefined): Head {
  const changed = { ...head, version: (head.version ?? 0) + 1 };
  return until === undefined ? changed : withUsed(changed, user_uuid, until);
}

/** @returns the head with what a participant has used of their limit */
export function withUsed(head: Head, user_uuid: Uuid, until: number): Head {
  return { ...head, tat: { ...head.tat, [user_uuid]: until } };
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
  return {
    ...head,
    inbox_at: place,
    shown_at: head.last_message_at,
    rows_rev: head.rows_rev + 1,
    ...(head.version !== undefined && { shown_version: head.version }),
  };
}

/** Whether the inbox rows show the newest message, as it is after the last edit or deletion. */
export function isProjected(head: Head): boolean {
  return head.shown_at === head.last_message_at && !hasUnshownVersion(head);
}

/** Whether a message was edited or deleted since the rows were written. */
export function hasUnshownVersion({ version = 0, shown_version = 0 }: Head): boolean {
  return version !== shown_version;
}

/** Whether a participant has cleared everything that the rows show: then their row is hidden. */
export function isHidden(head: Head, user_uuid: Uuid): boolean {
  return head.shown_at !== undefined && hasCleared(head, user_uuid, head.shown_at);
}

/** Whether one of the two blocks the other, or is gone: then neither can write. */
export function isClosed({ blocked_by = [], gone = [] }: Pick<Head, 'blocked_by' | 'gone'>): boolean {
  return blocked_by.length > 0 || gone.length > 0;
}

/** How many messages a participant has sent, as long as the other has not answered; 0 after that. */
export function sentBeforeReply(head: Head, user_uuid: Uuid): number {
  return count(head.sent, otherThan(head, user_uuid).user_uuid) > 0 ? 0 : count(head.sent, user_uuid);
}

/** Whether a list of the head's names a user. */
export function includes(users: readonly Uuid[] | undefined, user_uuid: Uuid): boolean {
  return users?.includes(user_uuid) === true;
}

function total(counters: Readonly<Record<string, number>>): number {
  return Object.values(counters).reduce((sum, n) => sum + n, 0);
}

function count(counters: Readonly<Record<string, number>>, user_uuid: Uuid): number {
  return counters[user_uuid] ?? 0;
}
