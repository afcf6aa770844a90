import { append, emptyHead, type Head } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Message } from '../../core/model/message.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';

/** A conversation that was had elsewhere: seeds, generated data. */
export interface ImportedConversation {
  message_group_uuid: Uuid;
  participants: [User, User];
  /** Oldest first; `by` is an index of `people`. A time that is not later than the one before is moved on. */
  messages: Iterable<{ by: 0 | 1; message_uuid: Uuid; message: string; at: Timestamp }>;
  /** How many of their last lines the other has not read, by the index of who wrote them. */
  unread: [number, number];
}

/** Some messages in a row, and the conversation's head before and after them. */
export interface ImportBatch {
  /** Undefined before the first chapter: then there is no conversation yet. */
  before: Head | undefined;
  /** As if the rows had been projected. */
  head: Head;
  /** One at least. */
  messages: Message[];
}

/**
 * Tells a story in chapters, by the rules by which messages are sent: after each chapter the conversation is whole, with its
 * counters and its inbox rows where they should be.
 * @param size how many messages a chapter holds at most
 */
export function* importBatches(
  { message_group_uuid, participants, messages: imported, unread }: ImportedConversation,
  size: number,
): Generator<ImportBatch> {
  const [one, other] = participants;
  let before: Head | undefined;
  let head = emptyHead(message_group_uuid, one, other);
  let messages: Message[] = [];
  const close = (): ImportBatch => {
    const place = head.last_message_at;
    const seen = (writer: 0 | 1) => Math.max(0, (head.sent[participants[writer].user_uuid] ?? 0) - unread[writer]);
    const read = { [one.user_uuid]: seen(1), [other.user_uuid]: seen(0) };
    head = { ...head, read, inbox_at: place, shown_at: place, rows_rev: head.rows_rev + 1 };
    const batch = { before, head, messages };
    before = head;
    messages = [];
    return batch;
  };
  for (const { by, message_uuid, message, at } of imported) {
    if (messages.length === size) yield close();
    const next = append(head, { sender: participants[by], message_uuid, message, now: at });
    head = next.head;
    messages.push(next.message);
  }
  if (messages.length > 0) yield close();
}
