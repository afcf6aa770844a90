import type { Deps } from './deps.ts';
import { type DomainError, overLimit } from './errors.ts';
import type { Account } from './model/account.ts';
import { type Head, isClosed, sentBeforeReply } from './model/head.ts';
import { spend } from './model/limits.ts';
import type { Message } from './model/message.ts';
import { toMicros } from './model/time.ts';
import type { User } from './model/user.ts';
import { findReceipt, type IdempotentRequest, messageOfReceipt } from './receipts.ts';

/** The time of a request, in milliseconds since 1970. The limits judge it by when it arrived, however long it waits. */
export const arrivalOf = ({ now }: Pick<Deps, 'now'>): number => Math.floor(toMicros(now()) / 1000);

/**
 * Counts a message or an edit against the sender's limit in the conversation. A remembered head suffices: what it says is used stays used.
 * @param arrivedAt see {@link arrivalOf}
 * @returns what the sender has used then
 * @throws DomainError `too_many_messages`
 */
export function spendMessage({ limits }: Deps, head: Head, me: User, arrivedAt: number): number {
  const spent = spend(limits.messages, head.tat?.[me.user_uuid], arrivedAt);
  if ('retryAfter' in spent) throw overLimit('too_many_messages', spent.retryAfter);
  return spent.until;
}

/**
 * Counts a new conversation against the limit of the user who starts it. A trusted user has none.
 * @param starter as last read or written
 * @returns the starter with what they have used then
 * @throws DomainError `too_many_conversations`
 */
export function spendConversation({ limits }: Deps, starter: Account, arrivedAt: number): Account {
  if (starter.trusted) return starter;
  const spent = spend(limits.conversations, starter.conversations_until, arrivedAt);
  if ('retryAfter' in spent) throw overLimit('too_many_conversations', spent.retryAfter);
  return { ...starter, conversations_until: spent.until };
}

/**
 * Counts a report against the limit of the user who makes it, who may also be a trusted one.
 * @param reporter as last read
 * @returns the reporter with what they have used then
 * @throws DomainError `too_many_reports`
 */
export function spendReport({ limits }: Deps, reporter: Account, arrivedAt: number): Account {
  const spent = spend(limits.reports, reporter.reports_until, arrivedAt);
  if ('retryAfter' in spent) throw overLimit('too_many_reports', spent.retryAfter);
  return { ...reporter, reports_until: spent.until };
}

/** Counts the messages and edits of a request's own user that were stored while the request tried to store its own. */
export class OwnCompetition {
  #overtook = 0;

  /**
   * Called after an attempt whose condition failed. It counts the messages that were stored before it, not the attempts: one attempt may
   * wait through several conflicts. Edits without a message count as one.
   * @param before the head that it was based on
   * @param after the head that it met
   * @throws DomainError `too_many_messages`: a user who sends so much at once is over the limit, and would keep a function busy
   */
  lost({ limits }: Deps, { user_uuid }: User, before: Head, after: Head): void {
    const sent = (after.sent[user_uuid] ?? 0) - (before.sent[user_uuid] ?? 0);
    const isEdited = sent === 0 && after.tat?.[user_uuid] !== before.tat?.[user_uuid];
    this.#overtook += isEdited ? 1 : sent;
    if (this.#overtook >= limits.overtaken_by) throw overLimit('too_many_messages', 1);
  }
}

/** Why a user may not write in a conversation, by its head as it is now; undefined if they may. */
export function reasonNotToSend(
  { limits }: Deps,
  head: Head,
  me: Account,
): 'recipient_unavailable' | 'awaiting_reply' | undefined {
  if (isClosed(head)) return 'recipient_unavailable';
  const isLimited = !me.trusted && sentBeforeReply(head, me.user_uuid) >= limits.messages_before_reply;
  return isLimited ? 'awaiting_reply' : undefined;
}

/** The errors that a request with an idempotency key may get although it was stored before. */
const refusals = ['recipient_unavailable', 'awaiting_reply', 'too_many_messages', 'too_many_conversations'] as const;

/**
 * Answers a refused request. One that was stored before gets that message, whatever holds now.
 * @param error why it is refused
 * @throws that error if nothing was stored under the request's idempotency key; DomainError `idempotency_key_reused`
 */
export async function orStored(
  deps: Deps,
  request: IdempotentRequest | undefined,
  deadline: number,
  error: unknown,
): Promise<Message> {
  const isRefused = refusals.some((code) => (error as Partial<DomainError>).is?.(code));
  const receipt = isRefused && request ? await findReceipt(deps, request) : undefined;
  if (!request || !receipt) throw error;
  return messageOfReceipt(deps, request, receipt, deadline);
}
