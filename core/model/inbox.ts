import { isEqual } from './equal.ts';
import { type Head, otherThan, unreadCount } from './head.ts';
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
}

/**
 * Attributes that are not shown to the user: a row that would change only in these is not written again. There are
 * none so far.
 */
const bookkeeping: readonly (keyof InboxRow)[] = [];

/** @returns a participant's inbox row, which depends on nothing but the head and the newest message */
export function inboxRow(head: Head, newest: Message, user_uuid: Uuid): InboxRow {
  return {
    message_group_uuid: head.message_group_uuid,
    other: otherThan(head, user_uuid),
    message: newest.message,
    last_message_at: newest.created_at,
    unread_count: unreadCount(head, user_uuid),
  };
}

/** The fields in which two rows show something else. */
export function rowDifferences(one: InboxRow, other: InboxRow): (keyof InboxRow)[] {
  const fields = Object.keys({ ...one, ...other }) as (keyof InboxRow)[];
  return fields.filter((field) => !bookkeeping.includes(field) && !isEqual(one[field], other[field]));
}
