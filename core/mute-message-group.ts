import type { Deps } from './deps.ts';
import { setMark } from './marks.ts';
import type { User } from './model/user.ts';

export { inputSchema } from './marks.ts';

/**
 * Mutes a conversation for the caller: it counts in no total and notifies nobody.
 * @param input `{message_group_uuid}`, unchecked
 * @throws like {@link setMark}
 */
export const muteMessageGroup = (deps: Deps, me: User, input: unknown): Promise<void> =>
  setMark(deps, me, input, { as: 'muted_by', isSet: true });
