import { type Deps, deadlineOf } from './deps.ts';
import { domainError } from './errors.ts';
import { inputSchema } from './mark-read.ts';
import { clear, clearedUpTo, type Head, isParticipant, withoutNames } from './model/head.ts';
import { parse } from './model/parse.ts';
import type { User } from './model/user.ts';
import { rewriteInbox } from './rewrite-inbox.ts';
import { getNamedMessage } from './table/confirmed-reads.ts';

export { inputSchema };

/**
 * Clears a conversation for the caller, up to and including a message: they do not see these messages any more, and have read them. Their
 * inbox shows the conversation again when a newer message is sent. The other participant notices nothing. What is cleared stays so: an
 * earlier message has no effect.
 * @param input `{message_group_uuid, created_at}` of the message, unchecked
 * @throws DomainError `message_group_uuid_invalid`, `created_at_invalid`, `body_invalid`, `message_group_unknown` (also for strangers),
 *   `message_unknown` (no message has that `created_at`), `message_group_busy`, `throttled`
 */
export async function clearMessageGroup(deps: Deps, me: User, input: unknown): Promise<void> {
  const { message_group_uuid, created_at } = parse(inputSchema, input);
  const deadline = deadlineOf(deps);
  const isMine = (head: Head) => isParticipant(head, me.user_uuid);
  const message = await getNamedMessage(deps.table, message_group_uuid, created_at, deadline);
  // A head that is older than the message does not count it: see mark-read.ts.
  const isExpected = (head: Head) => isMine(head) && (!message || message.created_at <= head.last_message_at);
  await rewriteInbox(deps, message_group_uuid, { isExpected, deadline }, (before) => {
    if (!before || !isMine(before)) throw domainError('message_group_unknown', 'message_group_uuid');
    if (!message) throw domainError('message_unknown', 'created_at');
    if (message.created_at <= (clearedUpTo(before, me.user_uuid) ?? '')) return undefined;
    return withoutNames(clear(before, me.user_uuid, message));
  });
}
