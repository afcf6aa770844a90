import type { Deps } from './deps.ts';
import { refusal } from './errors.ts';
import { type Person, toHandle } from './model/user.ts';
import { getHandleOwner } from './table/reads.ts';

/**
 * Who has a handle.
 * @param handle in any case, with or without the `@`
 * @throws DomainError `handle_unknown`, `throttled`
 */
export async function findPerson(deps: Deps, handle: string): Promise<Person> {
  const named = toHandle(handle);
  const person = named && (await getHandleOwner(deps.table, named));
  if (!person) throw refusal('handle_unknown', 'handle');
  return person;
}
