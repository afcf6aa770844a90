import type { Head } from '../../../core/model/head.ts';
import type { Uuid } from '../../../core/model/id.ts';
import type { Message } from '../../../core/model/message.ts';
import type { Timestamp } from '../../../core/model/time.ts';
import { type Finding, finding } from './finding.ts';

/** What the sequence looks at in a message: everything but its text. */
export interface Numbered {
  message_group_uuid: Uuid;
  created_at: Timestamp;
  user_uuid: Uuid;
  seq: number;
  sender_seq: number;
}

// A conversation whose numbers are all wrong would otherwise be reported message by message.
const mostFaults = 20;

/**
 * Counts a conversation's messages as they go by, oldest first, and checks their numbers. Keeps no message: its size does not
 * depend on how many there are.
 */
export class SequenceCheck {
  readonly conversation: Uuid;
  readonly faults: Finding[] = [];
  /** By user_uuid: how many messages they sent. */
  readonly sent = new Map<Uuid, number>();
  count = 0;
  last: Numbered | undefined;
  /** The oldest message that the inbox rows do not show yet. */
  firstUnshown: Timestamp | undefined;
  readonly #shownAt: Timestamp | undefined;
  readonly #lastBy = new Map<Uuid, number>();

  /** @param shownAt the time of the message that the inbox rows show, if they show any */
  constructor(conversation: Uuid, shownAt?: Timestamp) {
    this.conversation = conversation;
    this.#shownAt = shownAt;
  }

  /** The sequence as a head has it, to judge what else hangs on the head while its messages are counted elsewhere. */
  static of(head: Head, newest: Message | undefined): SequenceCheck {
    const sequence = new SequenceCheck(head.message_group_uuid, head.shown_at);
    for (const [sender, sent] of Object.entries(head.sent)) sequence.sent.set(sender as Uuid, sent);
    sequence.last = newest && { ...newest, user_uuid: newest.sender.user_uuid };
    return sequence;
  }

  add(message: Numbered): void {
    const { user_uuid, seq, sender_seq, created_at } = message;
    if (message.message_group_uuid !== this.conversation)
      this.#fault('message_foreign', message, { field: 'conversation' });
    // After a fault it goes on from the number found, so that one wrong number is not a fault of all that follow.
    this.#compare('seq', message, (this.last?.seq ?? 0) + 1, seq);
    this.#compare('sender_seq', message, (this.#lastBy.get(user_uuid) ?? 0) + 1, sender_seq);
    this.#lastBy.set(user_uuid, sender_seq);
    this.sent.set(user_uuid, (this.sent.get(user_uuid) ?? 0) + 1);
    this.count++;
    this.last = message;
    if (this.#shownAt === undefined || created_at > this.#shownAt) this.firstUnshown ??= created_at;
  }

  #compare(field: 'seq' | 'sender_seq', message: Numbered, expected: number, found: number): void {
    if (found === expected) return;
    this.#fault(`${field}_${found > expected ? 'gap' : 'double'}`, message, { expected, found });
  }

  #fault(code: Finding['code'], { created_at, user_uuid }: Numbered, details: Partial<Finding>): void {
    if (this.faults.length >= mostFaults) return;
    this.faults.push(finding(code, { message_group_uuid: this.conversation, user_uuid, at: created_at, ...details }));
  }
}
