import { type Deps, deadlineOf } from './deps.ts';
import { domainError } from './errors.ts';
import { parse } from './model/parse.ts';
import { toSeconds } from './model/time.ts';
import { type SignUp, signUpSchema } from './model/user.ts';
import { isHandleTaken } from './table/users.ts';

/**
 * Checks a sign-up early, before anything is stored, so that the user gets an error in time. The check is only
 * advisory: the conditional write that creates the user (create-user.ts) decides.
 * @param input `{handle, display_name?, email}`, unchecked; `display_name` defaults to the handle
 * @returns the checked input
 * @throws DomainError `person_invalid` with its field, `handle_reserved`, `display_name_misleading`, `handle_taken`, `throttled`
 */
export async function checkSignUp(deps: Deps, input: unknown): Promise<SignUp> {
  const signUp = parse(signUpSchema, input);
  if (await isHandleTaken(deps.table, signUp.handle, toSeconds(deps.now()), deadlineOf(deps)))
    throw domainError('handle_taken', 'handle');
  return signUp;
}
