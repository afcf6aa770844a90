import { type Deps, deadlineOf } from './deps.ts';
import { domainError } from './errors.ts';
import { type Caller, toUserWithSettings } from './model/account.ts';
import { getUserByIdentity } from './table/users.ts';

/**
 * Finds the caller's user, in the cache if possible.
 * @param cognito_user_id the `sub` of a verified access token
 * @returns the user
 * @throws DomainError `person_unknown` when the token is valid but its identity has no user, `user_suspended`, `throttled`,
 * `message_group_busy`
 */
export async function whoAmI(deps: Deps, cognito_user_id: string): Promise<Caller> {
  const user = deps.memory.users.get(cognito_user_id) ?? (await findCaller(deps, cognito_user_id));
  if (user.suspended_at) throw domainError('user_suspended');
  return user;
}

async function findCaller(deps: Deps, cognito_user_id: string): Promise<Caller> {
  const user = await getUserByIdentity(deps.table, cognito_user_id, deadlineOf(deps));
  if (!user) throw domainError('person_unknown');
  deps.memory.users.set(cognito_user_id, user);
  deps.memory.usersById.set(user.user_uuid, toUserWithSettings(user));
  return user;
}
