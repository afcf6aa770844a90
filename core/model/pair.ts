import type { Uuid } from './id.ts';
import type { Timestamp } from './time.ts';

/** What two users have with each other. It may exist before they have a conversation. */
export interface Pair {
  /** Their conversation; undefined if they have none yet. */
  message_group_uuid?: Uuid;
  /** Who of the two blocks the other. */
  blocked_by?: readonly Uuid[];
}

/** A user whom another one blocks. */
export interface Block {
  /** The blocked user. */
  user_uuid: Uuid;
  blocked_at: Timestamp;
}
