import { compose, type NewMessage } from './append-message.ts';
import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import type { Account } from './model/account.ts';
import { emptyHead, type Head, projectedAt } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import { inboxRows } from './model/inbox.ts';
import type { Message } from './model/message.ts';
import type { Pair } from './model/pair.ts';
import { justAfter } from './model/time.ts';
import type { User } from './model/user.ts';
import { messageOfReceipt, receiptFor } from './receipts.ts';
import { orStored, spendConversation, spendMessage } from './refusals.ts';
import { accountOf, pairOf } from './table/items.ts';
import { getPair } from './table/reads.ts';
import type { ConditionFailures } from './table/transactions.ts';
import { putConversation, type StartPart } from './table/writes.ts';

/**
 * Access pattern C, first contact: starts a conversation with its first message and both inbox rows, in one transaction.
 * @param other the recipient, another user than `me`
 * @param pair the two users' pair, as it was read eventually consistent
 * @returns the first message, or the uuid of the conversation that the pair already has
 * @throws DomainError `person_unknown` (the sender no longer exists), `handle_unknown` (the recipient no longer exists),
 *   `recipient_unavailable`, `user_gone`, `user_suspended`, `too_many_conversations`, `message_group_busy`, `throttled`, `idempotency_key_reused`
 */
export async function startConversation(
  deps: Deps,
  me: Account,
  other: User,
  message: NewMessage,
  pair: Pair,
): Promise<{ message: Message } | { existing: Uuid }> {
  try {
    if (pair.blocked_by) await refuseIfBlocked(deps, me, other);
    return await store(deps, me, other, message);
  } catch (error) {
    return { message: await orStored(deps, message.request, message.deadline, error) };
  }
}

async function store(
  deps: Deps,
  me: Account,
  other: User,
  newMessage: NewMessage,
): Promise<{ message: Message } | { existing: Uuid }> {
  const { table, memory } = deps;
  const { request, arrivedAt, deadline } = newMessage;
  const empty = emptyHead(deps.newId(), me, other);
  const { message, head } = compose(deps, empty, me, newMessage, spendMessage(deps, empty, me, arrivedAt));
  const receipt = receiptFor(deps, request, message);
  let place = head.last_message_at;
  const remembered = memory.conversationsUntil.get(me.user_uuid);
  let starter = remembered === undefined ? me : { ...me, conversations_until: remembered };
  for (;;) {
    const projected = projectedAt(head, place);
    const rows = inboxRows(projected, message, [me, other]);
    const after = spendConversation(deps, starter, arrivedAt);
    const failures = await putConversation(
      table,
      { message, head: projected, rows, place, receipt, starter: { before: starter, after } },
      deadline,
    );
    if (!failures) {
      memory.heads.set(head.message_group_uuid, projected);
      if (after.conversations_until) memory.conversationsUntil.set(me.user_uuid, after.conversations_until);
      return { message };
    }
    if (request && failures.receipt?.item)
      return { message: await messageOfReceipt(deps, request, failures.receipt.item, deadline) };

    const { message_group_uuid: existing, blocked_by } = await currentPair(deps, head, failures);
    // An attempt without an answer, at an earlier place, was stored after all. Its ids are those of this one.
    if (existing === head.message_group_uuid) return { message };
    if (existing) return { existing };
    if (blocked_by) throw domainError('recipient_unavailable', 'handle');

    if (failures.starter && !failures.starter.item) {
      memory.users.clear(); // without the sender, the table is a new one with other users
      throw domainError('person_unknown');
    }
    if (failures.other) throw domainError(failures.other.item ? 'recipient_unavailable' : 'handle_unknown', 'handle');
    if (failures.starter?.item) {
      starter = accountOf(failures.starter.item); // they have started another conversation, unless …
      if (starter.gone_at) throw domainError('user_gone');
      if (starter.suspended_at) throw domainError('user_suspended');
    } else if (failures.row0 || failures.row1)
      place = justAfter(place); // the row of another conversation is there. The message keeps its time and ids
    else throw new Error(`the keys of a new conversation are taken: ${Object.keys(failures).join(', ')}`);
    if (table.runtime.millis() >= deadline) throw domainError('message_group_busy');
  }
}

/** Spares a blocked user's attempts the cost of a transaction. */
async function refuseIfBlocked({ table }: Deps, me: User, other: User): Promise<void> {
  const current = await getPair(table, me.user_uuid, other.user_uuid, { ConsistentRead: true });
  if (current.blocked_by && !current.message_group_uuid) throw domainError('recipient_unavailable', 'handle');
}

/** The pair as it is now, if that may be why the transaction failed: AWS need not name every condition that failed. */
async function currentPair(
  { table }: Deps,
  { participants: [me, other] }: Head,
  { pair, head, message }: ConditionFailures<StartPart>,
): Promise<Pair> {
  if (pair?.item) return pairOf(pair.item);
  return head || message ? getPair(table, me.user_uuid, other.user_uuid, { ConsistentRead: true }) : {};
}
