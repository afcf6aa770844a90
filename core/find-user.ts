import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import { toHandle, type User } from './model/user.ts';
import { getHandleOwner } from './table/reads.ts';

/**
 * Finds the user with a handle.
 * @param input the handle, in any case, with or without the `@`, unchecked
 * @returns the user
 * @throws DomainError `handle_unknown`, `throttled`
 */
export async function findUser(deps: Deps, input: string): Promise<User> {
  const handle = toHandle(input);
  const user = handle && (await getHandleOwner(deps.table, handle));
  if (!user) throw domainError('handle_unknown', 'handle');
  return user;
}
