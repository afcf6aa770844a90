import { type Deps, deadlineOf } from './deps.ts';
import { domainError } from './errors.ts';
import { type Caller, toUser } from './model/account.ts';
import { getUserByIdentity } from './table/users.ts';

/**
 * Finds the caller's user, in the cache if possible.
 * @param cognito_user_id the `sub` of a verified access token
 * @returns the user
 * @throws DomainError `person_unknown` when the token is valid but its identity has no user, `throttled`,
 * `message_group_busy`
 */
export async function whoAmI(deps: Deps, cognito_user_id: string): Promise<Caller> {
  const cached = deps.memory.users.get(cognito_user_id);
  if (cached) return cached;
  const user = await getUserByIdentity(deps.table, cognito_user_id, deadlineOf(deps));
  if (!user) throw domainError('person_unknown');
  deps.memory.users.set(cognito_user_id, user);
  deps.memory.usersById.set(user.user_uuid, { ...toUser(user), read_receipts: user.read_receipts });
  return user;
}
