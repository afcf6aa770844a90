import { createUser } from './create-user.ts';
import type { Deps } from './deps.ts';
import { DomainError, domainError } from './errors.ts';
import { parse } from './model/parse.ts';
import { type RegisteredUser, signUpSchema } from './model/user.ts';

/** What a user pool tells of a confirmed sign-up. */
export interface ConfirmedSignUp {
  cognito_user_id: unknown;
  isEmailVerified: boolean;
  [field: string]: unknown;
}

/**
 * Creates the user after Cognito has confirmed their e-mail address. A repeated call changes nothing. Another user
 * may have taken the handle since the sign-up was checked. By now an error would reach no client, since Cognito has
 * confirmed the sign-up, so a domain error is returned instead of thrown. The new user can sign in and, having no
 * user item yet, chooses another handle (create-profile.ts).
 *
 * An unverified address is not stored, since it may be another user's: an operator can confirm a sign-up without the code.
 * @param input `{handle, display_name?, email, isEmailVerified, cognito_user_id}`, unchecked
 * @returns the user as stored, or the domain error that prevented their creation
 * @throws DomainError `throttled`, `message_group_busy`: temporary faults, which the alarm for errors counts
 */
export async function completeSignUp(
  deps: Deps,
  { cognito_user_id, isEmailVerified, ...input }: ConfirmedSignUp,
): Promise<RegisteredUser | DomainError> {
  if (!isEmailVerified) return domainError('email_unverified');
  try {
    return await createUser(deps, { ...parse(signUpSchema, input), cognito_user_id });
  } catch (error) {
    if (!(error instanceof DomainError) || error.is('throttled') || error.is('message_group_busy')) throw error;
    return error;
  }
}
