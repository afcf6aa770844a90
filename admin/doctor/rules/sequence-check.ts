import type { Head } from '../../../core/model/head.ts';
import type { Uuid } from '../../../core/model/id.ts';
import type { Message } from '../../../core/model/message.ts';
import type { Timestamp } from '../../../core/model/time.ts';
import { type Finding, finding } from './finding.ts';

/** A message without its text: what the sequence check needs. */
export interface MessageNumbers {
  message_group_uuid: Uuid;
  created_at: Timestamp;
  user_uuid: Uuid;
  seq: number;
  sender_seq: number;
}

// The doctor reports at most this many faults of one conversation, since all of its numbers may be wrong.
const maxFaults = 20;

/**
 * Counts the messages of a conversation and checks that their numbers have no gap and no duplicate. Keeps no
 * messages, so it needs the same memory for any number of them.
 */
export class SequenceCheck {
  readonly conversation: Uuid;
  readonly faults: Finding[] = [];
  /** By the sender's user_uuid: the number of messages. */
  readonly sent = new Map<Uuid, number>();
  count = 0;
  last: MessageNumbers | undefined;
  /** The time of the oldest message that the inbox rows do not show yet. */
  firstUnshown: Timestamp | undefined;
  readonly #shownAt: Timestamp | undefined;
  readonly #lastSenderSeq = new Map<Uuid, number>();

  /** @param shownAt the time of the message that the inbox rows show; undefined if there are none yet */
  constructor(conversation: Uuid, shownAt?: Timestamp) {
    this.conversation = conversation;
    this.#shownAt = shownAt;
  }

  /** A check with the result that messages in agreement with the head would have: for the screening, which does not count messages. */
  static fromHead(head: Head, newest: Message | undefined): SequenceCheck {
    const sequence = new SequenceCheck(head.message_group_uuid, head.shown_at);
    for (const [sender, sent] of Object.entries(head.sent)) sequence.sent.set(sender as Uuid, sent);
    sequence.last = newest && { ...newest, user_uuid: newest.sender.user_uuid };
    return sequence;
  }

  /** Adds the next message, oldest first. */
  add(message: MessageNumbers): void {
    const { user_uuid, seq, sender_seq, created_at } = message;
    if (message.message_group_uuid !== this.conversation)
      this.#fault('message_foreign', message, { field: 'conversation' });
    // After a fault the count goes on from the wrong number, so that one fault is not reported again for each later message.
    this.#compare('seq', message, (this.last?.seq ?? 0) + 1, seq);
    this.#compare('sender_seq', message, (this.#lastSenderSeq.get(user_uuid) ?? 0) + 1, sender_seq);
    this.#lastSenderSeq.set(user_uuid, sender_seq);
    this.sent.set(user_uuid, (this.sent.get(user_uuid) ?? 0) + 1);
    this.count++;
    this.last = message;
    if (this.#shownAt === undefined || created_at > this.#shownAt) this.firstUnshown ??= created_at;
  }

  #compare(field: 'seq' | 'sender_seq', message: MessageNumbers, expected: number, found: number): void {
    if (found === expected) return;
    this.#fault(`${field}_${found > expected ? 'gap' : 'double'}`, message, { expected, found });
  }

  #fault(code: Finding['code'], { created_at, user_uuid }: MessageNumbers, details: Partial<Finding>): void {
    if (this.faults.length >= maxFaults) return;
    this.faults.push(finding(code, { message_group_uuid: this.conversation, user_uuid, at: created_at, ...details }));
  }
}
