import type { Deps } from './deps.ts';
import { refusal } from './errors.ts';
import type { Person } from './model/user.ts';
import { getPersonByIdentity } from './table/reads.ts';

/**
 * Who a signed-in person is here.
 * @param cognito_user_id the `sub` of a verified access token
 * @throws DomainError `person_unknown` when the token is good but nobody of ours goes with it; `throttled`
 */
export async function whoAmI(deps: Deps, cognito_user_id: string): Promise<Person> {
  const remembered = deps.memory.people.get(cognito_user_id);
  if (remembered) return remembered;
  const person = await getPersonByIdentity(deps.table, cognito_user_id);
  if (!person) throw refusal('person_unknown');
  deps.memory.people.set(cognito_user_id, person);
  return person;
}
