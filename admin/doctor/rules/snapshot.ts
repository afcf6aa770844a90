import type { Head } from '../../../core/model/head.ts';
import type { Uuid } from '../../../core/model/id.ts';
import type { InboxRow } from '../../../core/model/inbox.ts';
import type { Message } from '../../../core/model/message.ts';
import type { Timestamp } from '../../../core/model/time.ts';
import type { User } from '../../../core/model/user.ts';
import type { SequenceCheck } from './sequence-check.ts';

/** An inbox row and where it sits. */
export type PlacedRow = InboxRow & { place: Timestamp };

/** What is stored of one conversation, all of it as it was at one moment. */
export interface Snapshot {
  head: Head;
  sequence: SequenceCheck;
  /** In the order of the head's participants, as is `users`: every row of the conversation in their inbox. */
  rows: [PlacedRow[], PlacedRow[]];
  users: [User | undefined, User | undefined];
  /** The conversation that the pair of the two names. */
  pair: Uuid | undefined;
  /** Whether that is another conversation of the same two, with a head of its own: which one shall go on, nobody here can say. */
  hasRival?: boolean;
  /** The message at `shown_at`, and the last one. */
  shown: Message | undefined;
  newest: Message | undefined;
}
