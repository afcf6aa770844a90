import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import { append, emptyHead } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import type { Message } from './model/message.ts';
import type { User } from './model/user.ts';
import { type IdempotentRequest, messageOfReceipt, receiptFor } from './receipts.ts';
import { putConversation } from './table/writes.ts';

/**
 * C, first contact: starts a conversation with its first message, in one transaction. The projector writes the inbox rows.
 * @param other the recipient, another user than `me`
 * @returns the first message, or the uuid of the conversation that the pair already has
 * @throws DomainError `person_unknown` (the sender no longer exists), `handle_unknown` (the recipient no longer exists),
 *   `message_group_busy`, `throttled`, `idempotency_key_reused`
 */
export async function startConversation(
  deps: Deps,
  me: User,
  { other, text, request }: { other: User; text: string; request: IdempotentRequest | undefined },
): Promise<{ message: Message } | { existing: Uuid }> {
  const next = append(emptyHead(deps.newId(), me, other), {
    sender: me,
    message_uuid: deps.newId(),
    message: text,
    now: deps.now(),
  });
  const failures = await putConversation(
    deps.table,
    { ...next, receipt: receiptFor(deps, request, next.message) },
    Date.now() + deps.retryBudget,
  );
  if (!failures) {
    deps.memory.heads.set(next.head.message_group_uuid, next.head);
    return { message: next.message };
  }
  if (request && failures.receipt?.item)
    return { message: await messageOfReceipt(deps, request, failures.receipt.item) };
  if (failures.pair?.item) return { existing: failures.pair.item.message_group_uuid as Uuid };
  if (failures.starter) {
    deps.memory.users.clear(); // the table was replaced, and its users with it
    throw domainError('person_unknown');
  }
  if (failures.other) throw domainError('handle_unknown', 'handle');
  throw new Error(`the keys of a new conversation are taken: ${Object.keys(failures).join(', ')}`);
}
