import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import { parse } from './model/parse.ts';
import { type SignUp, signUpSchema } from './model/user.ts';
import { getHandleOwner } from './table/reads.ts';

/**
 * Whether somebody may sign up as they ask to, before there is anything of them. Says no early; what holds is the condition of
 * the write that makes the person (add-person.ts).
 * @param input `{handle, display_name, email}`, unchecked; the handle stands for a display name that is left out
 * @throws DomainError `person_invalid` with its field, `handle_taken`, `throttled`
 */
export async function checkSignUp(deps: Deps, input: unknown): Promise<SignUp> {
  const wish = parse(signUpSchema, input);
  if (await getHandleOwner(deps.table, wish.handle)) throw domainError('handle_taken', 'handle');
  return wish;
}
