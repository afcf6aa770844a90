import { append, emptyHead, type Head, projectedAt } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Message } from '../../core/model/message.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';

/** A conversation that is stored as a whole, not message by message: seeds, generated data, or that of another service. */
export interface ImportedConversation {
  message_group_uuid: Uuid;
  participants: [User, User];
  /**
   * Oldest first. `by` is the sender's index in `participants`. A message whose time is not later than that of the
   * message before it gets a later time.
   */
  messages: Iterable<{ by: 0 | 1; message_uuid: Uuid; message: string; at: Timestamp }>;
  /** For each sender, by their index: how many of their last messages the other participant has not read. */
  unread: [number, number];
}

/** Consecutive messages that one transaction stores, with the conversation's head before and after them. */
export interface ImportBatch {
  /** Undefined in the first batch of a new conversation. */
  before: Head | undefined;
  /** The head after the batch. It is stored as already projected, since the import writes the inbox rows itself. */
  head: Head;
  /** The two users, in the order of the head's participants. */
  participants: [User, User];
  /** At least one. */
  messages: Message[];
}

/**
 * Divides a conversation into batches. The same rules apply as when messages are sent, so the conversation has
 * correct counters and inbox rows after each batch.
 * @param size the largest number of messages in a batch
 * @param existing the head of the conversation if it is there already: then the messages are appended to it
 * @param blocked_by who of the participants of a new conversation blocks the other
 */
export function* importBatches(
  { message_group_uuid, participants, messages: imported, unread }: ImportedConversation,
  size: number,
  existing?: Head,
  blocked_by?: Head['blocked_by'],
): Generator<ImportBatch> {
  const [one, other] = participants;
  let before = existing;
  let head = existing ?? { ...emptyHead(message_group_uuid, one, other), ...(blocked_by && { blocked_by }) };
  let messages: Message[] = [];
  const closeBatch = (): ImportBatch => {
    const place = head.last_message_at;
    const readOf = (sender: 0 | 1) => Math.max(0, (head.sent[participants[sender].user_uuid] ?? 0) - unread[sender]);
    const read = { [one.user_uuid]: readOf(1), [other.user_uuid]: readOf(0) };
    head = projectedAt({ ...head, read }, place);
    const batch = { before, head, participants, messages };
    before = head;
    messages = [];
    return batch;
  };
  for (const { by, message_uuid, message, at } of imported) {
    if (messages.length === size) yield closeBatch();
    const next = append(head, { sender: participants[by], message_uuid, message, now: at });
    head = next.head;
    messages.push(next.message);
  }
  if (messages.length > 0) yield closeBatch();
}
