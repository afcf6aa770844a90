import type { Uuid } from './id.ts';
import type { Timestamp } from './time.ts';

/** For so many seconds nobody may take the handle of a user who was erased: 30 days. */
export const handleReserved = 30 * 24 * 60 * 60;

/** What is still to do for a user who was erased: it stands in the table until all of it is done. */
export interface Erasure {
  user_uuid: Uuid;
  /** When the user was erased for others. */
  gone_at: Timestamp;
  /** The conversation that is being worked on; undefined between two of them. */
  message_group_uuid?: Uuid;
  /** The time of its last message that is done; undefined at its beginning. */
  after?: Timestamp;
  /** When no item of the table held anything of the user any more; undefined before. */
  erased_at?: Timestamp;
  /** Whether the user may still be in the user pool; undefined if not. */
  has_pool_user?: true;
}
