import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import { parse } from './model/parse.ts';
import { type RegisteredUser, registeredUserSchema } from './model/user.ts';
import { getIdentityOwner, getRegisteredUser, putUser } from './table/users.ts';

/**
 * Makes a person: who they are, their unique handle and the identity that they sign in with, all three or none. Asked for
 * again, the same sign-in with the same handle is the person that it was.
 * @param input `{handle, display_name, cognito_user_id, email, user_uuid?}`, unchecked
 * @returns the person as stored
 * @throws DomainError `person_invalid` with its field, `handle_taken`, `identity_taken` (the sign-in is somebody's already, under
 *   another handle), `throttled`
 */
export async function createUser(deps: Deps, input: object): Promise<RegisteredUser> {
  const account = parse(registeredUserSchema, { user_uuid: deps.newId(), ...input });
  const failures = await putUser(deps.table, account, Date.now() + deps.retryBudget);
  if (!failures) return account;

  const owner = await getIdentityOwner(deps.table, account.cognito_user_id);
  const there = owner && (await getRegisteredUser(deps.table, owner));
  if (there?.handle === account.handle) return there;
  throw owner ? domainError('identity_taken', 'cognito_user_id') : domainError('handle_taken', 'handle');
}
