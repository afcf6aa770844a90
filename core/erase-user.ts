import { beginErasure } from './begin-erasure.ts';
import type { AuthenticatedCaller } from './create-profile.ts';
import { type Deps, deadlineOf, type SocketDeps, type UserPoolDeps } from './deps.ts';
import { domainError } from './errors.ts';
import { getErasure, putWithoutPoolUser } from './table/erasures.ts';
import { getUserByIdentity } from './table/users.ts';
import { mustBeIn } from './who-am-i.ts';

/**
 * Erases the caller: for others at once, and in the background all that the table holds of them; then they are deleted from the user pool
 * by their own token. If that fails, the erasure goes on all the same, and the next call tries it again; so can an operator.
 * @throws DomainError `person_unknown` (no such user), `user_suspended`, `token_invalid` (the user has signed out everywhere since, or the
 *   pool rejects the token), `throttled`, `message_group_busy`; errors of the user pool
 */
export async function eraseUser(
  deps: Deps & SocketDeps & UserPoolDeps<'deleteUser'>,
  { cognito_user_id, accessToken, token }: AuthenticatedCaller,
): Promise<void> {
  const { table, userPool } = deps;
  const user = await getUserByIdentity(table, cognito_user_id, deadlineOf(deps));
  if (!user) throw domainError('person_unknown');
  if (!user.gone_at) mustBeIn(user, token);
  await beginErasure(deps, user.user_uuid);
  const erasure = await getErasure(table, user.user_uuid);
  if (!erasure?.has_pool_user) return;
  if (!(await userPool.deleteUser(accessToken))) throw domainError('token_invalid');
  await putWithoutPoolUser(table, user.user_uuid, deadlineOf(deps));
}
