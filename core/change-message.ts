import type * as z from 'zod/mini';
import { type Deps, deadlineOf } from './deps.ts';
import { domainError } from './errors.ts';
import { type Head, hasCleared, isClosed, isParticipant, withChange } from './model/head.ts';
import { uuid } from './model/id.ts';
import type { Message } from './model/message.ts';
import { timestamp } from './model/time.ts';
import type { User } from './model/user.ts';
import { arrivalOf, OwnCompetition, spendMessage } from './refusals.ts';
import { getExpectedHead, getNamedMessage } from './table/confirmed-reads.ts';
import { headOf } from './table/items.ts';
import { putChangedMessage } from './table/writes.ts';

/** Which message to change. */
export const messageId = {
  message_group_uuid: uuid('message_group_uuid_invalid'),
  created_at: timestamp('created_at_invalid'),
};
export type MessageId = z.output<ReturnType<typeof z.object<typeof messageId>>>;

/**
 * Changes a message of the caller's, in one transaction with the version of its conversation: the inbox rows follow by the stream.
 * @param change returns the changed message, without its new revision, or undefined if nothing changes; called again after a lost race
 * @returns the message as it is then
 * An edit counts against the limit of messages, and is refused while one of the two blocks the other; a deletion never is.
 * @throws DomainError `message_group_unknown` (also for strangers), `message_unknown` (also one that the caller has cleared),
 *   `message_not_yours`, `recipient_unavailable`, `too_many_messages`, `message_group_busy`, `throttled`; any error of `change`
 */
export async function changeMessage(
  deps: Deps,
  me: User,
  { message_group_uuid, created_at }: MessageId,
  change: (message: Message) => Message | undefined,
): Promise<Message> {
  const { table, memory } = deps;
  const deadline = deadlineOf(deps);
  const arrivedAt = arrivalOf(deps);
  const competition = new OwnCompetition();
  const isMine = (head: Head) => isParticipant(head, me.user_uuid);
  for (;;) {
    if (table.runtime.millis() >= deadline) throw domainError('message_group_busy');
    const [head, found] = await Promise.all([
      getExpectedHead(table, message_group_uuid, isMine, deadline),
      getNamedMessage(table, message_group_uuid, created_at, deadline),
    ]);
    if (!head || !isMine(head)) throw domainError('message_group_unknown', 'message_group_uuid');
    if (!found || hasCleared(head, me.user_uuid, created_at)) throw domainError('message_unknown');
    if (found.sender.user_uuid !== me.user_uuid) throw domainError('message_not_yours');
    const before = { ...found, sender: me };
    const changed = change(before);
    if (!changed) return before;
    if (!changed.deleted_at && isClosed(head)) throw domainError('recipient_unavailable');
    const until = changed.deleted_at ? undefined : spendMessage(deps, head, me, arrivedAt);
    const after = { ...changed, revision: (before.revision ?? 0) + 1 };
    const heads = { before: head, after: withChange(head, me.user_uuid, until) };
    const failures = await putChangedMessage(table, { before, after, head: heads }, deadline);
    if (!failures) {
      if (until !== undefined) memory.heads.set(message_group_uuid, heads.after);
      return after;
    }
    if (until !== undefined && failures.head?.item) competition.lost(deps, me, head, headOf(failures.head.item));
    // As in `appendMessage`, the next attempt starts at once: another request has changed the message, or used the user's limit.
  }
}
