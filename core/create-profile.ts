import { createUser } from './create-user.ts';
import type { Deps, UserPoolDeps } from './deps.ts';
import { domainError } from './errors.ts';
import type { Token } from './model/connection.ts';
import { parse } from './model/parse.ts';
import { profileSchema, type UserWithSettings } from './model/user.ts';
import { mustBeIn } from './who-am-i.ts';

/** The caller of a request with a valid access token, who may not have a user item yet. */
export interface AuthenticatedCaller {
  /** The `sub` of the verified access token. */
  cognito_user_id: string;
  accessToken: string;
  /** When that token was issued, and when it ends. */
  token: Token;
}

/**
 * Creates the user of a caller who can sign in but has no user item, because another user took their handle during
 * sign-up or the last step of their sign-up failed. A caller who already has a user with this handle gets that user.
 * The e-mail address comes from the user pool, which must have verified it.
 * @param input `{handle, display_name?}`, unchecked; `display_name` defaults to the handle
 * @returns the user
 * @throws DomainError `body_invalid`, `person_invalid` with its field, `handle_reserved`, `display_name_misleading`, `handle_taken`,
 *   `identity_taken` (the caller has a user with another handle), `email_unverified`, `token_invalid` (the pool rejects the token, or the user has
 *   signed out everywhere since),
 *   `user_suspended`, `throttled`, `message_group_busy`
 */
export async function createProfile(
  deps: Deps & UserPoolDeps<'emailOf'>,
  { cognito_user_id, accessToken, token }: AuthenticatedCaller,
  input: unknown,
): Promise<UserWithSettings> {
  const profile = parse(profileSchema, input);
  const address = await deps.userPool.emailOf(accessToken);
  if (!address) throw domainError('token_invalid');
  if (!address.isVerified) throw domainError('email_unverified');
  const user = await createUser(deps, { ...profile, email: address.email, cognito_user_id });
  mustBeIn(user, token);
  return user;
}
