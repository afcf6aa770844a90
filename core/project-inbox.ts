import type { Deps } from './deps.ts';
import { isProjected } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import { rewriteInbox } from './rewrite-inbox.ts';

/**
 * E: brings the inbox rows of a conversation up to date. A stream record only triggers this; the content of the rows comes
 * from the current head. So records may arrive repeatedly, late or in any order.
 * @returns whether the rows were written; false when they showed the newest message already
 * @throws Error when the conversation has no head; DomainError `message_group_busy` or `throttled`
 */
export function projectInbox(deps: Deps, conversation: Uuid): Promise<boolean> {
  return rewriteInbox(deps, conversation, (head) => {
    if (!head) throw new Error('the conversation of a message has no head');
    return isProjected(head) ? undefined : head;
  });
}
