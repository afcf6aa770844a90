import type { Message } from '../../core/model/message.ts';
import type { User } from '../../core/model/user.ts';
import type { Conversation, Stored } from '../faults/stored.ts';

/** What a person wanted to say, once: all tries with one idempotency key are one wish. */
export interface Wish {
  from: User;
  to: User;
  /** No two wishes of a run have the same. */
  text: string;
  key: string | undefined;
}

/**
 * What a caller knows afterwards. `refused` is a promise that nothing was written; `unknown` (an outage, a crash) is none: it may
 * have been written, or be written a moment later, once or not at all.
 */
export type Answer<Result> = { accepted: Result } | 'refused' | 'unknown';

interface Try<Subject, Result> {
  subject: Subject;
  startedAt: number;
  endedAt: number;
  answer: Answer<Result>;
}

/** The simplest memory of what was asked and answered, and the judge of whether what is stored can have come of it. */
export class Model {
  readonly sends: Try<Wish, Message>[] = [];
  readonly reads: Try<{ me: User; upTo: Message }, void>[] = [];
  #moment = 0;

  /** Writes down an operation with the moments between which it ran, and its answer. */
  async send(wish: Wish, run: () => Promise<Answer<Message>>): Promise<Answer<Message>> {
    const startedAt = this.#moment++;
    const answer = await run();
    this.sends.push({ subject: wish, startedAt, endedAt: this.#moment++, answer });
    return answer;
  }

  async read(me: User, upTo: Message, run: () => Promise<Answer<void>>): Promise<void> {
    const startedAt = this.#moment++;
    const answer = await run();
    this.reads.push({ subject: { me, upTo }, startedAt, endedAt: this.#moment++, answer });
  }

  /** The messages that were acknowledged. */
  acknowledged(): Message[] {
    return this.sends.flatMap(({ answer }) => (typeof answer === 'object' ? [answer.accepted] : []));
  }

  /** The wishes with a key of which nobody has had an answer yet: a client would ask again. */
  unanswered(): Wish[] {
    return [...this.#wishes()]
      .filter(([wish, tries]) => wish.key !== undefined && !tries.some(({ answer }) => typeof answer === 'object'))
      .map(([wish]) => wish);
  }

  /** What of the stored messages and counts cannot have come of the answers; empty when all is well. */
  violations({ conversations }: Stored): string[] {
    const wrong: string[] = [];
    const stored = conversations.flatMap(({ messages }) => messages);
    const texts = new Set(this.sends.map(({ subject }) => subject.text));
    for (const { message } of stored) if (!texts.has(String(message))) wrong.push(`nobody sent ${message}`);

    for (const [wish, tries] of this.#wishes()) {
      const made = stored.filter(({ message }) => message === wish.text);
      const answers = tries.flatMap(({ answer }) => (typeof answer === 'object' ? [answer.accepted] : []));
      const least = answers.length > 0 ? 1 : 0;
      const most = least || tries.some(({ answer }) => answer === 'unknown') ? 1 : 0;
      if (made.length < least) wrong.push(`${wish.text} was accepted and is lost`);
      if (made.length > most) wrong.push(`${wish.text} is stored ${made.length} times, at most ${most} expected`);
      for (const { message_uuid, created_at, seq, sender, message_group_uuid } of answers) {
        const same = made.some(
          (item) =>
            item.message_uuid === message_uuid &&
            item.sk === created_at &&
            item.seq === seq &&
            item.user_uuid === sender.user_uuid &&
            item.message_group_uuid === message_group_uuid,
        );
        if (!same) wrong.push(`the answer to ${wish.text} is not what is stored`);
      }
    }
    for (const conversation of conversations) wrong.push(...this.#order(conversation), ...this.#unread(conversation));
    return wrong;
  }

  #wishes(): Map<Wish, Try<Wish, Message>[]> {
    const byText = new Map<string, Wish>();
    const wishes = new Map<Wish, Try<Wish, Message>[]>();
    for (const send of this.sends) {
      const wish = byText.get(send.subject.text) ?? send.subject;
      byText.set(wish.text, wish);
      wishes.set(wish, [...(wishes.get(wish) ?? []), send]);
    }
    return wishes;
  }

  // Who sends after an answer comes after the message answered.
  #order({ messages }: Conversation): string[] {
    const span = [...this.#wishes()].flatMap(([wish, tries]) => {
      const ends = tries.flatMap(({ answer, endedAt }) => (typeof answer === 'object' ? [endedAt] : []));
      const item = messages.find(({ message }) => message === wish.text);
      const begun = Math.min(...tries.map(({ startedAt }) => startedAt));
      return item ? [{ text: wish.text, seq: Number(item.seq), begun, answered: Math.min(Infinity, ...ends) }] : [];
    });
    return span.flatMap((one) =>
      span
        .filter((later) => later.begun > one.answered && later.seq < one.seq)
        .map((later) => `${later.text} was sent after the answer to ${one.text} and stands before it`),
    );
  }

  // The rows say how far each has read: as far as the furthest mark that was acknowledged, or one whose outcome nobody knows.
  #unread({ conversation, people, messages, rows }: Conversation): string[] {
    return people.flatMap((me) => {
      const fromOther = messages.filter(({ user_uuid }) => user_uuid !== me);
      const marks = this.reads.filter(
        ({ subject }) => subject.me.user_uuid === me && subject.upTo.message_group_uuid === conversation,
      );
      const upTo = (wanted: string) =>
        marks
          .filter(({ answer }) => (typeof answer === 'object' ? 'accepted' : answer) === wanted)
          .map(({ subject }) => fromOther.filter(({ seq }) => Number(seq) <= subject.upTo.seq).length);
      const certain = Math.max(0, ...upTo('accepted'));
      const possible = [certain, ...upTo('unknown').filter((count) => count > certain)];
      const unread = rows.filter(({ pk }) => pk === `GRP#${me}`).map(({ unread_count }) => Number(unread_count));
      return unread
        .filter((count) => !possible.includes(fromOther.length - count))
        .map((count) => `${count} unread, ${possible.map((read) => fromOther.length - read).join(' or ')} expected`);
    });
  }
}
