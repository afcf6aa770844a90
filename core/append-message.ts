import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import { append, isParticipant } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import type { Message } from './model/message.ts';
import type { User } from './model/user.ts';
import { type IdempotentRequest, messageOfReceipt, receiptFor } from './receipts.ts';
import { enqueue } from './serial-queue.ts';
import { headOf } from './table/items.ts';
import { getHead } from './table/reads.ts';
import { backOff } from './table/transactions.ts';
import { putMessage } from './table/writes.ts';

/**
 * D: appends a message to a conversation. Normally one round trip: the process remembers the head, and a failed condition
 * returns the current one.
 * @param text the message, checked already
 * @param request the request's idempotency key and hash, if it has a key
 * @returns the message as stored
 * @throws DomainError `message_group_unknown` (also for strangers), `message_group_busy`, `throttled`, `idempotency_key_reused`
 */
export function appendMessage(
  deps: Deps,
  me: User,
  { conversation, text, request }: { conversation: Uuid; text: string; request: IdempotentRequest | undefined },
): Promise<Message> {
  const deadline = Date.now() + deps.retryBudget;
  return enqueue(deps, conversation, async () => {
    if (Date.now() >= deadline) throw domainError('message_group_busy'); // it waited in the queue for its whole retry budget
    const { heads, users } = deps.memory;
    let head = heads.get(conversation) ?? (await getHead(deps.table, conversation));
    for (let attempt = 1; ; attempt++) {
      if (!head || !isParticipant(head, me.user_uuid)) throw domainError('message_group_unknown');
      const next = append(head, { sender: me, message_uuid: deps.newId(), message: text, now: deps.now() });
      const failures = await putMessage(
        deps.table,
        { ...next, before: head, receipt: receiptFor(deps, request, next.message) },
        deadline,
      );
      if (!failures) {
        heads.set(conversation, next.head);
        return next.message;
      }
      if (request && failures.receipt?.item) return messageOfReceipt(deps, request, failures.receipt.item);
      if (failures.head && !failures.head.item) users.clear(); // without a head the table was replaced, and its users with it
      head = failures.head?.item ? headOf(failures.head.item) : await getHead(deps.table, conversation);
      if (head) heads.set(conversation, head);
      else heads.delete(conversation);
      await backOff(attempt, deadline, domainError('message_group_busy'));
    }
  });
}
