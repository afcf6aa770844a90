import type { Deps } from './deps.ts';
import { setMark } from './marks.ts';
import type { User } from './model/user.ts';

export { inputSchema } from './marks.ts';

/**
 * Marks a conversation as unread by the caller, until they read it again. It shows, and changes no count.
 * @param input `{message_group_uuid}`, unchecked
 * @throws like {@link setMark}
 */
export const markUnread = (deps: Deps, me: User, input: unknown): Promise<void> =>
  setMark(deps, me, input, { as: 'marked_unread_by', isSet: true });
