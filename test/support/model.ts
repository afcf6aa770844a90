import type { Message } from '../../core/model/message.ts';
import type { User } from '../../core/model/user.ts';
import type { Conversation, Stored } from '../faults/stored.ts';

/** A message that a user wants to send. All attempts with one idempotency key are one send request. */
export interface SendRequest {
  from: User;
  to: User;
  /** Unique in a run. */
  text: string;
  key: string | undefined;
}

/**
 * What the caller knows afterwards. `rejected`: nothing was written. `unknown` (an outage, a crash): the write took place, or takes
 * place a moment later, once or not at all.
 */
export type Answer<Result> = { accepted: Result } | 'rejected' | 'unknown';

interface Attempt<Subject, Result> {
  subject: Subject;
  startedAt: number;
  endedAt: number;
  answer: Answer<Result>;
}

/** What was done to a message after it was sent. */
export interface Change {
  /** The text that was sent. */
  original: string;
  /** The texts of the edits that may have been stored. */
  texts: Set<string>;
  deletion: 'none' | 'begun' | 'answered';
  /** The highest revision that was answered. */
  revision: number;
}

/** Records all requests with their answers, and checks that they explain what is stored. */
export class Model {
  readonly sends: Attempt<SendRequest, Message>[] = [];
  /** The texts of all sends, also of those that are still under way. */
  readonly started = new Set<string>();
  readonly reads: Attempt<{ me: User; upTo: Message; clears: boolean }, void>[] = [];
  /** By message_uuid. */
  readonly changes = new Map<string, Change>();
  #moment = 0;

  /** Runs a send, and records its answer and the moments of its start and its end. */
  async send(request: SendRequest, run: () => Promise<Answer<Message>>): Promise<Answer<Message>> {
    const startedAt = this.#moment++;
    this.started.add(request.text);
    const answer = await run();
    this.sends.push({ subject: request, startedAt, endedAt: this.#moment++, answer });
    return answer;
  }

  /** @param clears whether the conversation is cleared up to the message, which marks it as read as well */
  async read(me: User, upTo: Message, run: () => Promise<Answer<void>>, clears = false): Promise<void> {
    const startedAt = this.#moment++;
    const answer = await run();
    this.reads.push({ subject: { me, upTo, clears }, startedAt, endedAt: this.#moment++, answer });
  }

  /** The messages of the accepted sends. */
  acknowledged(): Message[] {
    return this.sends.flatMap(({ answer }) => (typeof answer === 'object' ? [answer.accepted] : []));
  }

  /** The send requests with a key that were never accepted: a client would repeat them. */
  unacknowledged(): SendRequest[] {
    return [...this.#attempts()]
      .filter(([{ key }, attempts]) => key !== undefined && !attempts.some(({ answer }) => typeof answer === 'object'))
      .map(([request]) => request);
  }

  /** The text that a stored message was sent with. */
  originalOf({ message_uuid, message }: Record<string, unknown>): string {
    return this.changes.get(String(message_uuid))?.original ?? String(message);
  }

  /** The stored messages and counts that the answers do not explain; empty when all are explained. */
  violations(all: Stored): string[] {
    const violations = all.conversations.flatMap(({ messages }) => messages.flatMap((item) => this.#changed(item)));
    const conversations = all.conversations.map((conversation) => ({
      ...conversation,
      messages: conversation.messages.map(
        (item): Record<string, unknown> => ({ ...item, message: this.originalOf(item) }),
      ),
    }));
    const stored = conversations.flatMap(({ messages }) => messages);
    const texts = new Set(this.sends.map(({ subject }) => subject.text));
    for (const { message } of stored) if (!texts.has(String(message))) violations.push(`${message} was never sent`);

    const requests = this.#attempts();
    for (const [{ text }, attempts] of requests) {
      const copies = stored.filter(({ message }) => message === text);
      const answers = attempts.flatMap(({ answer }) => (typeof answer === 'object' ? [answer.accepted] : []));
      const least = answers.length > 0 ? 1 : 0;
      const most = least || attempts.some(({ answer }) => answer === 'unknown') ? 1 : 0;
      if (copies.length < least) violations.push(`${text} was accepted and is lost`);
      if (copies.length > most) violations.push(`${text} is stored ${copies.length} times, at most ${most} expected`);
      for (const { message_uuid, created_at, seq, sender, message_group_uuid } of answers) {
        const same = copies.some(
          (item) =>
            item.message_uuid === message_uuid &&
            item.sk === created_at &&
            item.seq === seq &&
            item.user_uuid === sender.user_uuid &&
            item.message_group_uuid === message_group_uuid,
        );
        if (!same) violations.push(`the answer to ${text} differs from what is stored`);
      }
    }
    for (const conversation of conversations)
      violations.push(...order(conversation, requests), ...this.#unread(conversation), ...this.#cleared(conversation));
    return violations;
  }

  #changed({ message_uuid, message, revision = 0 }: Record<string, unknown>): string[] {
    const change = this.changes.get(String(message_uuid));
    if (!change) return revision === 0 ? [] : [`${message} has revision ${revision}, and nobody changed it`];
    const { original, texts, deletion } = change;
    const possible = new Set(
      deletion === 'answered' ? [''] : [original, ...texts, ...(deletion === 'begun' ? [''] : [])],
    );
    if (!possible.has(String(message))) return [`${original} reads "${message}"`];
    if (Number(revision) < change.revision) return [`${original} has revision ${revision} after ${change.revision}`];
    if (message === original && revision !== 0) return [`${original} is as it was sent, with revision ${revision}`];
    return [];
  }

  #attempts(): Map<SendRequest, Attempt<SendRequest, Message>[]> {
    const byText = new Map<string, SendRequest>();
    const attempts = new Map<SendRequest, Attempt<SendRequest, Message>[]>();
    for (const send of this.sends) {
      const request = byText.get(send.subject.text) ?? send.subject;
      byText.set(request.text, request);
      const known = attempts.get(request);
      if (known) known.push(send);
      else attempts.set(request, [send]);
    }
    return attempts;
  }

  // A participant has cleared a conversation up to the latest message of the accepted calls, or of a later one whose outcome is unknown.
  #cleared({ conversation, participants, head }: Conversation): string[] {
    const places = (head?.participants as { user_uuid: string }[] | undefined) ?? [];
    return participants.flatMap((me) => {
      const clears = this.reads.filter(
        ({ subject }) =>
          subject.clears && subject.me.user_uuid === me && subject.upTo.message_group_uuid === conversation,
      );
      const times = (wanted: string) =>
        clears
          .filter(({ answer }) => (typeof answer === 'object' ? 'accepted' : answer) === wanted)
          .map(({ subject }): string => subject.upTo.created_at);
      const certain = times('accepted').sort().at(-1) ?? '';
      const possible = [certain, ...times('unknown').filter((time) => time > certain)];
      const stored = String(head?.[`cleared${places.findIndex(({ user_uuid }) => user_uuid === me)}`] ?? '');
      return possible.includes(stored) ? [] : [`cleared up to "${stored}", ${possible.join(' or ')} expected`];
    });
  }

  // A row's unread count follows from the latest message that its user marked as read: of the accepted calls, or of a later one whose
  // outcome is unknown.
  #unread({ conversation, participants, messages, rows }: Conversation): string[] {
    return participants.flatMap((me) => {
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
      const unread = rows
        .filter(({ pk }) => pk === `GRP#${me}` || pk === `HIDDEN#${me}`)
        .map(({ unread_count }) => Number(unread_count));
      return unread
        .filter((count) => !possible.includes(fromOther.length - count))
        .map((count) => `${count} unread, ${possible.map((read) => fromOther.length - read).join(' or ')} expected`);
    });
  }
}

// A message that was sent after the answer to another one has a higher `seq`.
function order({ messages }: Conversation, requests: Map<SendRequest, Attempt<SendRequest, Message>[]>): string[] {
  const items = new Map(messages.map((item) => [item.message, item]));
  const spans = [...requests].flatMap(([{ text }, attempts]) => {
    const item = items.get(text);
    if (!item) return [];
    const ends = attempts.flatMap(({ answer, endedAt }) => (typeof answer === 'object' ? [endedAt] : []));
    const begun = Math.min(...attempts.map(({ startedAt }) => startedAt));
    return [{ text, seq: Number(item.seq), begun, answered: Math.min(Infinity, ...ends) }];
  });
  return spans.flatMap((one) =>
    spans
      .filter((later) => later.begun > one.answered && later.seq < one.seq)
      .map((later) => `${later.text} was sent after the answer to ${one.text}, but has the lower seq`),
  );
}
