import type { Deps } from './deps.ts';
import { refusal } from './errors.ts';
import { append, isParticipant } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import type { Message } from './model/message.ts';
import type { Person } from './model/user.ts';
import { firstAnswer, type Request, receiptFor } from './receipts.ts';
import { inTurn } from './serial-queue.ts';
import { headOf } from './table/items.ts';
import { getHead } from './table/reads.ts';
import { backOff } from './table/transactions.ts';
import { putMessage } from './table/writes.ts';

/**
 * D: puts a message at the end of a conversation. Normally one round trip: the head is remembered, and a lost race brings the
 * current one.
 * @param text checked by the caller
 * @param request when the message shall be stored once, however often it is asked for
 * @throws DomainError `message_group_unknown` (or not theirs), `message_group_busy`, `throttled`, `idempotency_key_reused`
 */
export function appendMessage(
  deps: Deps,
  me: Person,
  { group, text, request }: { group: Uuid; text: string; request: Request | undefined },
): Promise<Message> {
  const deadline = Date.now() + deps.patience;
  return inTurn(deps, group, async () => {
    if (Date.now() >= deadline) throw refusal('message_group_busy'); // waited its whole time in the queue
    const { heads, people } = deps.memory;
    let head = heads.get(group) ?? (await getHead(deps.table, group));
    for (let attempt = 1; ; attempt++) {
      if (!head || !isParticipant(head, me.user_uuid)) throw refusal('message_group_unknown');
      const next = append(head, { sender: me, message_uuid: deps.newId(), message: text, now: deps.now() });
      const refused = await putMessage(
        deps.table,
        { ...next, sentBefore: head.sent, receipt: receiptFor(deps, request, next.message) },
        deadline,
      );
      if (!refused) {
        heads.set(group, next.head);
        return next.message;
      }
      if (request && refused.receipt?.item) return firstAnswer(deps, request, refused.receipt.item);
      if (refused.head && !refused.head.item) people.clear(); // no head: the table is not the one that we remember
      head = refused.head?.item ? headOf(refused.head.item) : await getHead(deps.table, group);
      if (head) heads.set(group, head);
      else heads.delete(group);
      await backOff(attempt, deadline, refusal('message_group_busy'));
    }
  });
}
