import { type Head, otherThan } from './head.ts';
import type { Uuid } from './id.ts';
import type { Message } from './message.ts';
import type { User, UserWithSettings } from './user.ts';

/**
 * How many of a participant's messages the other one has read.
 * @param users the participants, as far as they are known
 * @returns undefined if one of them has switched read receipts off: then neither sees what the other has read
 */
export function seenCount(head: Head, user_uuid: Uuid, users: ReadonlyMap<Uuid, UserWithSettings>): number | undefined {
  const other = otherThan(head, user_uuid).user_uuid;
  const haveReceipts = [user_uuid, other].every((id) => users.get(id)?.read_receipts);
  return haveReceipts ? (head.read[other] ?? 0) : undefined;
}

/**
 * Whether the other participant has read a message of the caller's.
 * @param seen how many they have read: see {@link seenCount}
 * @returns undefined for a message of the other's, and without read receipts
 */
export function isSeen(
  { sender, sender_seq }: Pick<Message, 'sender' | 'sender_seq'>,
  me: User,
  seen: number | undefined,
): boolean | undefined {
  return seen === undefined || sender.user_uuid !== me.user_uuid ? undefined : sender_seq <= seen;
}
