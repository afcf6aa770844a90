import type { Head } from '../../../core/model/head.ts';
import type { Uuid } from '../../../core/model/id.ts';
import type { InboxRow } from '../../../core/model/inbox.ts';
import type { Message } from '../../../core/model/message.ts';
import type { Pair } from '../../../core/model/pair.ts';
import type { Timestamp } from '../../../core/model/time.ts';
import type { UserWithSettings } from '../../../core/model/user.ts';
import type { SequenceCheck } from './sequence-check.ts';

/** An inbox row, its place, which is its sort key, and whether it is among the hidden ones. */
export type PlacedRow = InboxRow & { place: Timestamp; isHidden: boolean };

/** The stored items of one conversation and its participants, as they were at one moment. */
export interface Snapshot {
  head: Head;
  sequence: SequenceCheck;
  /** All rows of the conversation in each participant's inbox, in the order of the head's participants. */
  rows: [PlacedRow[], PlacedRow[]];
  /** In the order of the head's participants. */
  users: [UserWithSettings | undefined, UserWithSettings | undefined];
  /** Which of them are being erased; undefined if that was not read, which makes them suspects. */
  erasing?: Uuid[];
  /** The pair of the participants; empty if there is none. */
  pair: Pair;
  /** Who of the participants has the other in their list of blocked users, sorted. */
  blocked_by: Uuid[];
  /**
   * Whether `pair` names another conversation of the same participants. That cannot be repaired, since either of the
   * two may be the right one.
   */
  hasRival?: boolean;
  /** The message at the head's `shown_at`. */
  shown: Message | undefined;
  newest: Message | undefined;
}
