import { type Deps, deadlineOf } from '../../core/deps.ts';
import { domainError } from '../../core/errors.ts';
import type { Uuid } from '../../core/model/id.ts';
import { backOff } from '../../core/table/transactions.ts';
import { getIdentityOwner, getRegisteredUser } from '../../core/table/users.ts';
import { putIdentity } from '../table/identities.ts';

/**
 * Sets the Cognito id that a user signs in with, in their user and identity items, and deletes their previous identity item in
 * the same transaction. A warm function may still accept the previous id for a minute (`Memory.users` in core/deps.ts).
 * @param cognito_user_id the `sub` of the user's tokens
 * @param options.isDryRun whether to write nothing
 * @returns the previous Cognito id; undefined when nothing had to change
 * @throws DomainError `handle_unknown` (no such user), `person_invalid` (an empty id), `identity_taken` (by another user),
 * `message_group_busy` or `throttled` (at the end of the retry budget)
 */
export async function linkIdentity(
  deps: Deps,
  user_uuid: Uuid,
  cognito_user_id: string,
  { isDryRun = false }: { isDryRun?: boolean } = {},
): Promise<string | undefined> {
  if (cognito_user_id === '') throw domainError('person_invalid', 'cognito_user_id');
  const { table } = deps;
  const deadline = deadlineOf(deps);
  for (let attempt = 1; ; attempt++) {
    const before = await getRegisteredUser(table, user_uuid);
    if (!before) throw domainError('handle_unknown');
    const holder = await getIdentityOwner(table, cognito_user_id);
    if (before.cognito_user_id === cognito_user_id && holder === user_uuid) return undefined;
    if (holder !== undefined && holder !== user_uuid) throw domainError('identity_taken', 'cognito_user_id');
    if (isDryRun) return before.cognito_user_id;

    const isOther = before.cognito_user_id !== cognito_user_id;
    const dropsOld = isOther && (await getIdentityOwner(table, before.cognito_user_id)) === user_uuid;
    const failures = await putIdentity(table, { before, cognito_user_id, dropsOld }, deadline);
    if (!failures) return before.cognito_user_id;
    await backOff(table, attempt, deadline, domainError('throttled'));
  }
}
