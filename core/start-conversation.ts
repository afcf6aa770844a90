import type { Deps } from './deps.ts';
import { refusal } from './errors.ts';
import { append, emptyHead } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import type { Message } from './model/message.ts';
import type { Person } from './model/user.ts';
import { firstAnswer, type Request, receiptFor } from './receipts.ts';
import { putConversation } from './table/writes.ts';

/**
 * C, first contact: opens the conversation of two people with its first message, in one transaction. The inbox rows are the
 * projector's.
 * @param other who shall get the message; somebody else than `me`
 * @returns the first message, or the conversation that the pair turned out to have already
 * @throws DomainError `person_unknown` (the sender is gone), `handle_unknown` (the other is), `message_group_busy`, `throttled`, `idempotency_key_reused`
 */
export async function startConversation(
  deps: Deps,
  me: Person,
  { other, text, request }: { other: Person; text: string; request: Request | undefined },
): Promise<{ message: Message } | { existing: Uuid }> {
  const next = append(emptyHead(deps.newId(), me, other), {
    sender: me,
    message_uuid: deps.newId(),
    message: text,
    now: deps.now(),
  });
  const refused = await putConversation(
    deps.table,
    { ...next, receipt: receiptFor(deps, request, next.message) },
    Date.now() + deps.patience,
  );
  if (!refused) {
    deps.memory.heads.set(next.head.message_group_uuid, next.head);
    return { message: next.message };
  }
  if (request && refused.receipt?.item) return { message: await firstAnswer(deps, request, refused.receipt.item) };
  if (refused.pair?.item) return { existing: refused.pair.item.message_group_uuid as Uuid };
  if (refused.starter) {
    deps.memory.people.clear(); // the table is not the one that we remember
    throw refusal('person_unknown');
  }
  if (refused.other) throw refusal('handle_unknown', 'handle');
  throw new Error(`a new conversation's keys are taken: ${Object.keys(refused).join(', ')}`);
}
