import { type Deps, deadlineOf } from './deps.ts';
import { domainError } from './errors.ts';
import { type Caller, toUserWithSettings } from './model/account.ts';
import { isSignedOut, type Token } from './model/connection.ts';
import type { UserWithSettings } from './model/user.ts';
import { getUserByIdentity } from './table/users.ts';

/**
 * Finds the caller's user, in the cache if possible.
 * @param cognito_user_id the `sub` of a verified access token
 * @param token that token
 * @returns the user
 * @throws DomainError `person_unknown` when the token is valid but its identity has no user, `user_gone` (erased), `user_suspended`, `token_invalid` within a
 *   minute after the user has signed out everywhere, `throttled`, `message_group_busy`
 */
export async function whoAmI(deps: Deps, cognito_user_id: string, token: Pick<Token, 'issued_at'>): Promise<Caller> {
  const user = deps.memory.users.get(cognito_user_id) ?? (await findCaller(deps, cognito_user_id));
  mustBeIn(user, token);
  return user;
}

/**
 * @param user as they are, or were at most a minute ago
 * @throws DomainError `user_gone`, `user_suspended`; `token_invalid` for a token from before the user signed out everywhere
 */
export function mustBeIn(user: UserWithSettings, token: Pick<Token, 'issued_at'>): void {
  if (user.gone_at) throw domainError('user_gone');
  if (user.suspended_at) throw domainError('user_suspended');
  if (isSignedOut(user, token)) throw domainError('token_invalid');
}

async function findCaller(deps: Deps, cognito_user_id: string): Promise<Caller> {
  const user = await getUserByIdentity(deps.table, cognito_user_id, deadlineOf(deps));
  if (!user) throw domainError('person_unknown');
  deps.memory.users.set(cognito_user_id, user);
  deps.memory.usersById.set(user.user_uuid, toUserWithSettings(user));
  return user;
}
