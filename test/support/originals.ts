import { randomUUID } from 'node:crypto';
import type { Item } from '../../core/table/items.ts';

// Items of the service that this one follows: messages without numbers, and inbox rows without counters. Its times had the offset of
// the writer's clock.

/** A user of the original service; `user_uuid` is the original's id. */
export interface OriginalUser {
  user_uuid: string;
  handle: string;
}

export const originalUser = (handle: string, user_uuid: string = randomUUID()): OriginalUser => ({ user_uuid, handle });

const userAttributes = ({ user_uuid, handle }: OriginalUser) => ({
  user_uuid,
  user_display_name: `Display of ${handle}`,
  user_handle: handle,
});

export const originalMessage = (
  conversation: string,
  sender: OriginalUser,
  at: string,
  message: string,
  message_uuid: string = randomUUID(),
): Item => ({ pk: `MSG#${conversation}`, sk: at, message, message_uuid, ...userAttributes(sender) });

/** @param other the user whom the row names */
export const originalRow = (conversation: string, owner: OriginalUser, other: OriginalUser, at: string): Item => ({
  pk: `GRP#${owner.user_uuid}`,
  sk: at,
  message_group_uuid: conversation,
  message: 'this is a filler message',
  ...userAttributes(other),
});
