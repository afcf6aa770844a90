import type { Deps } from '../../core/deps.ts';
import { domainError } from '../../core/errors.ts';
import type { Uuid } from '../../core/model/id.ts';
import { backOff } from '../../core/table/transactions.ts';
import { getIdentityOwner, getRegisteredUser } from '../../core/table/users.ts';
import { putIdentity } from '../table/identities.ts';

/**
 * Sets the Cognito id that a person signs in with, in their user and identity items; the identity that they had before goes, in
 * the same transaction. A warm function may know them by it for a minute still (core/deps.ts).
 * @param cognito_user_id the `sub` of their tokens
 * @param holdsWrongly whether somebody who has this identity already has no right to it; nobody, unless told
 * @returns the id before, or undefined when all was so already
 * @throws DomainError `handle_unknown` (no such person), `person_invalid` (an empty id), `identity_taken`, `throttled`
 */
export async function linkIdentity(
  deps: Deps,
  user_uuid: Uuid,
  cognito_user_id: string,
  holdsWrongly: (holder: Uuid) => boolean = () => false,
): Promise<string | undefined> {
  if (cognito_user_id === '') throw domainError('person_invalid', 'cognito_user_id');
  const { table } = deps;
  const deadline = Date.now() + deps.retryBudget;
  for (let attempt = 1; ; attempt++) {
    const before = await getRegisteredUser(table, user_uuid);
    if (!before) throw domainError('handle_unknown');
    const holder = await getIdentityOwner(table, cognito_user_id);
    if (before.cognito_user_id === cognito_user_id && holder === user_uuid) return undefined;
    const isForeign = holder !== undefined && holder !== user_uuid;
    if (isForeign && !holdsWrongly(holder)) throw domainError('identity_taken', 'cognito_user_id');

    const isOther = before.cognito_user_id !== cognito_user_id;
    const dropsOld = isOther && (await getIdentityOwner(table, before.cognito_user_id)) === user_uuid;
    const displaced = isForeign ? holder : undefined;
    const failures = await putIdentity(table, { before, cognito_user_id, dropsOld, displaced }, deadline);
    if (!failures) return before.cognito_user_id;
    await backOff(attempt, deadline, domainError('throttled'));
  }
}
