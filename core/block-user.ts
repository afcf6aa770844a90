import { changeBlock } from './blocks.ts';
import type { Deps } from './deps.ts';
import type { User } from './model/user.ts';

/**
 * Blocks a user: from the answer on, neither of the two can send to the other, or start a conversation. What they wrote stays readable.
 * Blocking a user again changes nothing.
 * @param input `{user_uuid}`, unchecked
 * @throws DomainError `user_uuid_invalid`, `block_self`, `user_unknown`, `message_group_busy`, `throttled`
 */
export const blockUser = (deps: Deps, me: User, input: unknown): Promise<void> => changeBlock(deps, me, input, true);
