import { createUser } from './create-user.ts';
import type { Deps } from './deps.ts';
import { DomainError } from './errors.ts';
import { parse } from './model/parse.ts';
import { type RegisteredUser, signUpSchema } from './model/user.ts';

/**
 * Makes the person who has just shown that their e-mail address is theirs. Twice is the same as once.
 *
 * The handle that they asked for may have gone to somebody else meanwhile. Then they can sign in all the same, are nobody yet,
 * and choose another (join.ts): their sign-up is over, and there is nobody whom an error would reach.
 * @param input `{handle, display_name, email, cognito_user_id}`, unchecked
 * @returns the person, or why there is none
 * @throws DomainError `throttled`
 */
export async function completeSignUp(
  deps: Deps,
  { cognito_user_id, ...input }: { cognito_user_id: unknown; [field: string]: unknown },
): Promise<RegisteredUser | DomainError> {
  try {
    return await createUser(deps, { ...parse(signUpSchema, input), cognito_user_id });
  } catch (error) {
    if (error instanceof DomainError && !error.is('throttled')) return error;
    throw error;
  }
}
