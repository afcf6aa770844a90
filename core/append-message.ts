import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import { append, type Head, isParticipant } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import type { Message } from './model/message.ts';
import type { User } from './model/user.ts';
import { type IdempotentRequest, messageOfReceipt, receiptFor } from './receipts.ts';
import { enqueue } from './serial-queue.ts';
import { getExpectedHead } from './table/confirmed-reads.ts';
import { headOf } from './table/items.ts';
import { backOff } from './table/transactions.ts';
import { putMessage } from './table/writes.ts';

/**
 * Access pattern D: appends a message to a conversation. Normally one round trip: the process remembers the head, and a failed condition
 * returns the current one.
 * @param text the message, checked already
 * @param request the request's idempotency key and hash, if it has a key
 * @param deadline milliseconds since 1970, after which no further attempt begins
 * @returns the message as stored
 * @throws DomainError `message_group_unknown` (also for strangers), `message_group_busy`, `throttled`, `idempotency_key_reused`
 */
export function appendMessage(
  deps: Deps,
  me: User,
  {
    conversation,
    text,
    request,
    deadline,
  }: { conversation: Uuid; text: string; request: IdempotentRequest | undefined; deadline: number },
): Promise<Message> {
  return enqueue(deps, conversation, async () => {
    if (deps.table.runtime.millis() >= deadline) throw domainError('message_group_busy'); // it waited in the queue for its whole retry budget
    const { heads, users } = deps.memory;
    const isMine = (of: Head) => isParticipant(of, me.user_uuid);
    let known = heads.get(conversation);
    for (let attempt = 1; ; attempt++) {
      const head = await getExpectedHead(deps.table, conversation, isMine, deadline, known);
      if (!head) heads.delete(conversation);
      if (!head || !isMine(head)) throw domainError('message_group_unknown');
      const next = append(head, {
        sender: me,
        message_uuid: deps.newId(),
        message: text,
        ...(request && { idempotency_key_hash: request.idempotency_key_hash }),
        now: deps.now(),
      });
      const failures = await putMessage(
        deps.table,
        { ...next, before: head, receipt: receiptFor(deps, request, next.message) },
        deadline,
      );
      if (!failures) {
        heads.set(conversation, next.head);
        return next.message;
      }
      if (request && failures.receipt?.item) return messageOfReceipt(deps, request, failures.receipt.item, deadline);
      if (failures.head && !failures.head.item) users.clear(); // without the head, the table is a new one with other users
      known = failures.head?.item && headOf(failures.head.item);
      if (known) heads.set(conversation, known);
      await backOff(deps.table, attempt, deadline, domainError('message_group_busy'));
    }
  });
}
