import * as z from 'zod/mini';
import { type Deps, deadlineOf } from './deps.ts';
import { domainError } from './errors.ts';
import { isEqual } from './model/equal.ts';
import { type Head, hasCleared, isParticipant } from './model/head.ts';
import { uuid } from './model/id.ts';
import type { Message } from './model/message.ts';
import { code, parse } from './model/parse.ts';
import { timestamp } from './model/time.ts';
import type { User } from './model/user.ts';
import { rewriteInbox } from './rewrite-inbox.ts';
import { getNamedMessage } from './table/confirmed-reads.ts';

export const inputSchema = z.object(
  { message_group_uuid: uuid('message_group_uuid_invalid'), created_at: timestamp('created_at_invalid') },
  code('body_invalid'),
);

/**
 * Does something to a conversation for the caller, up to and including a message. One that they have cleared has no effect.
 * @param input `{message_group_uuid, created_at}` of the message, unchecked
 * @param change returns the head with what is done; called again after a lost race
 * @throws DomainError `message_group_uuid_invalid`, `created_at_invalid`, `body_invalid`, `message_group_unknown` (also for strangers),
 *   `message_unknown` (no message has that `created_at`), `message_group_busy`, `throttled`
 */
export async function rewriteUpTo(
  deps: Deps,
  me: User,
  input: unknown,
  change: (before: Head, message: Message) => Head,
): Promise<void> {
  const { message_group_uuid, created_at } = parse(inputSchema, input);
  const deadline = deadlineOf(deps);
  const isMine = (head: Head) => isParticipant(head, me.user_uuid);
  const message = await getNamedMessage(deps.table, message_group_uuid, created_at, deadline);
  // A head that is older than the message does not count it: `read` would exceed `sent`, and the unread count fall below zero.
  const isExpected = (head: Head) => isMine(head) && (!message || message.created_at <= head.last_message_at);
  await rewriteInbox(deps, message_group_uuid, { isExpected, deadline }, (before) => {
    // Membership first: only a participant may learn whether the message exists.
    if (!before || !isMine(before)) throw domainError('message_group_unknown', 'message_group_uuid');
    if (!message) throw domainError('message_unknown', 'created_at');
    if (hasCleared(before, me.user_uuid, message.created_at)) return undefined;
    const after = change(before, message);
    return isEqual(after, before) ? undefined : after;
  });
}
