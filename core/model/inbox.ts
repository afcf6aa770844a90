import { isEqual } from './equal.ts';
import { type Head, includes, unreadCount } from './head.ts';
import type { Uuid } from './id.ts';
import type { Message } from './message.ts';
import type { Timestamp } from './time.ts';
import type { User } from './user.ts';

/** A conversation as one participant's inbox lists it. */
export interface InboxRow {
  message_group_uuid: Uuid;
  /** The other participant. */
  other: User;
  /** The text of the last message. */
  message: string;
  last_message_at: Timestamp;
  unread_count: number;
  /** The head's `rows_rev` of the write: of two states of a row, the one with the higher number is the later one. */
  rows_rev?: number;
  /** Whether the owner muted the conversation; undefined if not. */
  muted?: true;
  /** Whether the owner marked the conversation as unread; undefined if not. */
  marked_unread?: true;
}

/** Attributes that are not shown to the user: a row that would change only in these is not written again. */
const bookkeeping: readonly (keyof InboxRow)[] = ['rows_rev'];

/**
 * A participant's inbox row: what it shows depends on nothing but the head, the newest message and the other user's names.
 * @param user_uuid the participant who owns the inbox
 * @param other the other participant, as they are now
 */
export function inboxRow(head: Head, newest: Message, user_uuid: Uuid, other: User): InboxRow {
  return {
    message_group_uuid: head.message_group_uuid,
    other,
    message: newest.message,
    last_message_at: newest.created_at,
    unread_count: unreadCount(head, user_uuid),
    rows_rev: head.rows_rev,
    ...(includes(head.muted_by, user_uuid) && { muted: true }),
    ...(includes(head.marked_unread_by, user_uuid) && { marked_unread: true }),
  };
}

/** The rows of both participants: see {@link inboxRow}. @param users in the order of the head's participants */
export function inboxRows(head: Head, newest: Message, [one, other]: readonly [User, User]): [RowOf, RowOf] {
  const rowOf = (owner: User, peer: User) => ({
    user_uuid: owner.user_uuid,
    row: inboxRow(head, newest, owner.user_uuid, peer),
  });
  return [rowOf(one, other), rowOf(other, one)];
}

/** A participant's inbox row. */
export interface RowOf {
  /** The owner of the inbox. */
  user_uuid: Uuid;
  row: InboxRow;
}

/** The fields in which two rows show something else. */
export function rowDifferences(one: InboxRow, other: InboxRow): (keyof InboxRow)[] {
  const fields = Object.keys({ ...one, ...other }) as (keyof InboxRow)[];
  return fields.filter((field) => !bookkeeping.includes(field) && !isEqual(one[field], other[field]));
}
