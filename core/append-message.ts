import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import { cannotBeReached } from './known-users.ts';
import type { Account } from './model/account.ts';
import { append, type Head, isParticipant, otherThan, withUsed } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import type { Message } from './model/message.ts';
import { type IdempotentRequest, messageOfReceipt, receiptFor } from './receipts.ts';
import { OwnCompetition, orStored, reasonNotToSend, spendMessage } from './refusals.ts';
import { enqueue } from './serial-queue.ts';
import { getExpectedHead } from './table/confirmed-reads.ts';
import { headOf } from './table/items.ts';
import { backOff } from './table/transactions.ts';
import { putMessage } from './table/writes.ts';

/** A message to store. */
export interface NewMessage {
  /** The text, checked already. */
  text: string;
  /** The field of the request that names the recipient. */
  recipient: 'handle' | 'message_group_uuid';
  /** The request's idempotency key and hash, if it has a key. */
  request: IdempotentRequest | undefined;
  /** When the request arrived, in milliseconds since 1970. */
  arrivedAt: number;
  /** Milliseconds since 1970, after which no further attempt begins. */
  deadline: number;
}

/**
 * @param until what the sender has used of their limit then
 * @returns the message that follows in a conversation, and the head after it
 */
export function compose(
  deps: Deps,
  before: Head,
  me: Account,
  { text, request }: NewMessage,
  until: number,
): { message: Message; head: Head } {
  const { message, head } = append(before, {
    sender: me,
    message_uuid: deps.newId(),
    message: text,
    ...(request && { idempotency_key_hash: request.idempotency_key_hash }),
    now: deps.now(),
  });
  return { message, head: withUsed(head, me.user_uuid, until) };
}

/**
 * Access pattern D: appends a message to a conversation. Normally one round trip: the process remembers the head, and a failed condition
 * returns the current one.
 * @returns the message as stored
 * @throws DomainError `message_group_unknown` (also for strangers), `recipient_unavailable`, `awaiting_reply`, `too_many_messages`,
 *   `message_group_busy`, `throttled`, `idempotency_key_reused`
 */
export async function appendMessage(
  deps: Deps,
  me: Account,
  conversation: Uuid,
  message: NewMessage,
): Promise<Message> {
  const { request, arrivedAt, deadline } = message;
  try {
    const remembered = deps.memory.heads.get(conversation);
    if (remembered) spendMessage(deps, remembered, me, arrivedAt); // before it waits
    return await enqueue(deps, conversation, () => store(deps, me, conversation, message));
  } catch (error) {
    return orStored(deps, request, deadline, error);
  }
}

async function store(deps: Deps, me: Account, conversation: Uuid, newMessage: NewMessage): Promise<Message> {
  const { recipient, request, arrivedAt, deadline } = newMessage;
  const { heads, users } = deps.memory;
  const isMine = (of: Head) => isParticipant(of, me.user_uuid);
  const competition = new OwnCompetition();
  const remembered = heads.get(conversation);
  let known = remembered;
  for (let attempt = 1; ; attempt++) {
    if (deps.table.runtime.millis() >= deadline) throw domainError('message_group_busy'); // also after it waited in the queue
    let head = await getExpectedHead(deps.table, conversation, isMine, deadline, known);
    // What a remembered head says may be over.
    if (head && head === remembered && reasonNotToSend(deps, head, me))
      head = await getExpectedHead(deps.table, conversation, isMine, deadline);
    if (!head) heads.delete(conversation);
    if (!head || !isMine(head)) throw domainError('message_group_unknown');
    const until = spendMessage(deps, head, me, arrivedAt);
    const reason = reasonNotToSend(deps, head, me);
    if (reason) throw domainError(reason, reason === 'recipient_unavailable' ? recipient : undefined);
    const { user_uuid: other } = otherThan(head, me.user_uuid);
    if (await cannotBeReached(deps, other, deadline)) throw domainError('recipient_unavailable', recipient);
    const next = compose(deps, head, me, newMessage, until);
    const receipt = receiptFor(deps, request, next.message);
    const failures = await putMessage(deps.table, { ...next, before: head, receipt }, deadline);
    if (!failures) {
      heads.set(conversation, next.head);
      return next.message;
    }
    if (request && failures.receipt?.item) return messageOfReceipt(deps, request, failures.receipt.item, deadline);
    if (failures.head && !failures.head.item) users.clear(); // without the head, the table is a new one with other users
    known = failures.head?.item && headOf(failures.head.item);
    if (known) heads.set(conversation, known);
    if (known && head !== remembered) competition.lost(deps, me, head, known);
    // If the head has changed, the failed condition has returned the new one. The next attempt starts at once, since that one would become
    // old during a pause. Attempts at the same time conflict instead, and `transact` spreads them.
    if (!failures.head) await backOff(deps.table, attempt, deadline, domainError('message_group_busy'));
  }
}
