import type { Deps } from './deps.ts';
import { isProjected } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import { rewriteInbox } from './rewrite-inbox.ts';

/**
 * E: brings the inbox rows of a conversation up to its newest message. The news that a message came is only a nudge: whatever
 * the head says now is what the rows will show, so it does not matter how often, in which order or how late the nudges come.
 * @returns whether the rows were written; false when they showed the newest message already
 * @throws Error when the conversation has no head; DomainError `message_group_busy` or `throttled`
 */
export function projectInbox(deps: Deps, conversation: Uuid): Promise<boolean> {
  return rewriteInbox(deps, conversation, (head) => {
    if (!head) throw new Error('a message without a head');
    return isProjected(head) ? undefined : head;
  });
}
