import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import { toHandle, type User } from './model/user.ts';
import { getHandleOwner } from './table/reads.ts';

/**
 * Finds the user with a handle.
 * @param handle the handle, in any case, with or without the `@`
 * @throws DomainError `handle_unknown`, `throttled`
 */
export async function findUser(deps: Deps, handle: string): Promise<User> {
  const named = toHandle(handle);
  const user = named && (await getHandleOwner(deps.table, named));
  if (!user) throw domainError('handle_unknown', 'handle');
  return user;
}
