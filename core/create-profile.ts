import { createUser } from './create-user.ts';
import type { Deps, SignInDeps } from './deps.ts';
import { domainError } from './errors.ts';
import { parse } from './model/parse.ts';
import { profileSchema, type User } from './model/user.ts';

/** Somebody who can sign in, whoever they are here. */
export interface SignedIn {
  /** The `sub` of their verified access token. */
  cognito_user_id: string;
  accessToken: string;
}

/**
 * Makes a person of somebody who can sign in and is nobody here: their handle went to somebody else while they signed up, or
 * the end of their sign-up was lost. Whoever is somebody already stays who they are: asked with their own handle, that is who
 * they get.
 *
 * Their e-mail address comes from the pool, which takes an address only from who can read what is sent to it.
 * @param input `{handle, display_name}`, unchecked; the handle stands for a display name that is left out
 * @throws DomainError `person_invalid` with its field, `handle_taken`, `identity_taken` (they are somebody, under another
 *   handle), `token_invalid` (the pool does not take the token any more), `throttled`
 */
export async function createProfile(
  deps: Deps & SignInDeps<'addressOf'>,
  { cognito_user_id, accessToken }: SignedIn,
  input: unknown,
): Promise<User> {
  const wish = parse(profileSchema, input);
  const email = await deps.userPool.addressOf(accessToken);
  if (email === undefined) throw domainError('token_invalid');
  return createUser(deps, { ...wish, email, cognito_user_id });
}
