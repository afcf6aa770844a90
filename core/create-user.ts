import { type Deps, deadlineOf } from './deps.ts';
import { domainError } from './errors.ts';
import type { Uuid } from './model/id.ts';
import { parse } from './model/parse.ts';
import { toSeconds } from './model/time.ts';
import { registeredUserSchema, type StoredUser } from './model/user.ts';
import { getIdentityOwner, getRegisteredUser, putUser } from './table/users.ts';

/**
 * Creates a user with their unique handle and the identity that they sign in with, all three or none. A repeated call with the same
 * identity and handle returns the user that exists.
 * @param input `{handle, display_name, cognito_user_id, email, user_uuid?}`, unchecked
 * @returns the user as stored
 * @throws DomainError `person_invalid` with its field, `display_name_misleading`, `handle_taken`, `identity_taken` (the
 *   identity belongs to a user with another handle), `user_gone` (the user of that identity was erased), `throttled`, `message_group_busy`
 */
export async function createUser(deps: Deps, input: object): Promise<StoredUser> {
  const user = { ...parse(registeredUserSchema, { user_uuid: deps.newId(), ...input }), read_receipts: true };
  const deadline = deadlineOf(deps);
  const failures = await putUser(deps.table, user, toSeconds(deps.now()), deadline);
  if (!failures) return user;

  const ownerUuid =
    (failures.identity?.item?.user_uuid as Uuid | undefined) ??
    // Read it, because AWS may name only some of the conditions that failed.
    (await getIdentityOwner(deps.table, user.cognito_user_id));
  const existing = ownerUuid && (await getRegisteredUser(deps.table, ownerUuid, deadline));
  if (existing?.gone_at) throw domainError('user_gone');
  if (existing?.handle === user.handle) return existing;
  throw ownerUuid ? domainError('identity_taken', 'cognito_user_id') : domainError('handle_taken', 'handle');
}
