import type { Deps } from './deps.ts';
import { clear, withoutNames } from './model/head.ts';
import type { User } from './model/user.ts';
import { rewriteUpTo } from './rewrite-up-to.ts';

export { inputSchema } from './rewrite-up-to.ts';

/**
 * Clears a conversation for the caller, up to and including a message: they do not see these messages any more, and have read them. Their
 * inbox shows the conversation again when a newer message is sent. The other participant notices nothing. What is cleared stays so: an
 * earlier message has no effect.
 * @param input `{message_group_uuid, created_at}` of the message, unchecked
 * @throws like {@link rewriteUpTo}
 */
export const clearMessageGroup = (deps: Deps, me: User, input: unknown): Promise<void> =>
  rewriteUpTo(deps, me, input, (before, message) => withoutNames(clear(before, me.user_uuid, message)));
