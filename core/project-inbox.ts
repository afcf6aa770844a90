import { type Deps, deadlineOf } from './deps.ts';
import { type Head, isProjected } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import { rewriteInbox } from './rewrite-inbox.ts';
import type { Nudge } from './table/stream-record.ts';

/**
 * Access pattern E: brings the inbox rows of a conversation up to date. A stream record only triggers this; the content of the rows comes
 * from the current head. So records may arrive repeatedly, late or in any order.
 * @param nudge what the stream told of; undefined if the call has another reason
 * @returns whether the rows were written; false when they showed the newest message already, as it is now
 * @throws Error when the conversation has no head, or its head does not count the message yet: then Lambda must deliver the record
 *   again, since without another record the projector would not run again; DomainError `message_group_busy` or `throttled`
 */
export function projectInbox(
  deps: Deps,
  conversation: Uuid,
  { sentAt, isChanged = false }: Nudge = {},
): Promise<boolean> {
  const deadline = deadlineOf(deps);
  const knowsMessage = ({ last_message_at }: Head) => sentAt === undefined || sentAt <= last_message_at;
  return rewriteInbox(deps, conversation, { isExpected: knowsMessage, isChanged, deadline }, (head) => {
    if (!head) throw new Error('the conversation of a message has no head');
    if (!knowsMessage(head)) throw new Error('the head is older than a message of its conversation');
    return isProjected(head) ? undefined : head;
  });
}
