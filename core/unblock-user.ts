import { changeBlock } from './blocks.ts';
import type { Deps } from './deps.ts';
import type { User } from './model/user.ts';

/**
 * Takes back a block. The two can write to each other again, unless the other one blocks, too. Unblocking a user whom the caller does not
 * block changes nothing.
 * @param input `{user_uuid}`, unchecked
 * @throws DomainError `user_uuid_invalid`, `block_self`, `user_unknown`, `message_group_busy`, `throttled`
 */
export const unblockUser = (deps: Deps, me: User, input: unknown): Promise<void> => changeBlock(deps, me, input, false);
