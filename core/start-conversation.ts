import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import { append, emptyHead, type Head, projectedAt } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import { inboxRows } from './model/inbox.ts';
import type { Message } from './model/message.ts';
import { justAfter } from './model/time.ts';
import type { User } from './model/user.ts';
import { type IdempotentRequest, messageOfReceipt, receiptFor } from './receipts.ts';
import { getPair } from './table/reads.ts';
import type { ConditionFailures } from './table/transactions.ts';
import { putConversation, type StartPart } from './table/writes.ts';

/**
 * Access pattern C, first contact: starts a conversation with its first message and both inbox rows, in one transaction.
 * @param other the recipient, another user than `me`
 * @param deadline milliseconds since 1970, after which no further attempt begins
 * @returns the first message, or the uuid of the conversation that the pair already has
 * @throws DomainError `person_unknown` (the sender no longer exists), `handle_unknown` (the recipient no longer exists),
 *   `message_group_busy`, `throttled`, `idempotency_key_reused`
 */
export async function startConversation(
  deps: Deps,
  me: User,
  {
    other,
    text,
    request,
    deadline,
  }: { other: User; text: string; request: IdempotentRequest | undefined; deadline: number },
): Promise<{ message: Message } | { existing: Uuid }> {
  const { message, head } = append(emptyHead(deps.newId(), me, other), {
    sender: me,
    message_uuid: deps.newId(),
    message: text,
    ...(request && { idempotency_key_hash: request.idempotency_key_hash }),
    now: deps.now(),
  });
  const receipt = receiptFor(deps, request, message);
  for (let place = head.last_message_at; ; place = justAfter(place)) {
    const projected = projectedAt(head, place);
    const rows = inboxRows(projected, message, [me, other]);
    const failures = await putConversation(deps.table, { message, head: projected, rows, place, receipt }, deadline);
    if (!failures) {
      deps.memory.heads.set(head.message_group_uuid, projected);
      return { message };
    }
    if (request && failures.receipt?.item)
      return { message: await messageOfReceipt(deps, request, failures.receipt.item, deadline) };

    const existing = await existingConversation(deps, head, failures);
    // An attempt without an answer, at an earlier place, was stored after all. Its ids are those of this one.
    if (existing === head.message_group_uuid) return { message };
    if (existing) return { existing };

    if (failures.starter) {
      deps.memory.users.clear(); // without the sender, the table is a new one with other users
      throw domainError('person_unknown');
    }
    if (failures.other) throw domainError('handle_unknown', 'handle');
    if (!failures.row0 && !failures.row1)
      throw new Error(`the keys of a new conversation are taken: ${Object.keys(failures).join(', ')}`);
    // The row of another conversation is at that place, and the next microsecond may be free. The message keeps its time and ids.
    if (deps.table.runtime.millis() >= deadline) throw domainError('message_group_busy');
  }
}

/** The conversation of the pair, if that may be why the transaction failed: AWS need not name every condition that failed. */
async function existingConversation(
  { table }: Deps,
  { participants: [me, other] }: Head,
  { pair, head, message }: ConditionFailures<StartPart>,
): Promise<Uuid | undefined> {
  if (pair?.item) return pair.item.message_group_uuid as Uuid;
  if (!head && !message) return undefined;
  return getPair(table, me.user_uuid, other.user_uuid, { ConsistentRead: true });
}
