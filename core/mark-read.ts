import type { Deps } from './deps.ts';
import { markRead as markReadInHead } from './model/head.ts';
import type { User } from './model/user.ts';
import { rewriteUpTo } from './rewrite-up-to.ts';

export { inputSchema } from './rewrite-up-to.ts';

/**
 * Marks a conversation as read by a user, up to and including a message, and no longer as unread. A message before the last one
 * read leaves that one as it is, and one that the user has cleared has no effect.
 * @param input `{message_group_uuid, created_at}` of the message, unchecked
 * @throws like {@link rewriteUpTo}
 */
export const markRead = (deps: Deps, me: User, input: unknown): Promise<void> =>
  rewriteUpTo(deps, me, input, (before, message) => markReadInHead(before, me.user_uuid, message));
