import type { Deps } from './deps.ts';
import { refusal } from './errors.ts';
import { parse } from './model/parse.ts';
import { type Account, accountSchema } from './model/user.ts';
import { getAccount, getIdentityOwner, putPerson } from './table/users.ts';

/**
 * Makes a person: who they are, their unique handle and the identity that they sign in with, all three or none. Asked for
 * again, the same sign-in with the same handle is the person that it was.
 * @param input `{handle, display_name, cognito_user_id, email, user_uuid?}`, unchecked
 * @returns the person as stored
 * @throws DomainError `person_invalid` with its field, `handle_taken`, `identity_taken` (the sign-in is somebody's already, under
 *   another handle), `throttled`
 */
export async function addPerson(deps: Deps, input: object): Promise<Account> {
  const account = parse(accountSchema, { user_uuid: deps.newId(), ...input });
  const refused = await putPerson(deps.table, account, Date.now() + deps.patience);
  if (!refused) return account;

  const owner = await getIdentityOwner(deps.table, account.cognito_user_id);
  const there = owner && (await getAccount(deps.table, owner));
  if (there?.handle === account.handle) return there;
  throw owner ? refusal('identity_taken', 'cognito_user_id') : refusal('handle_taken', 'handle');
}
