import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import type { Uuid } from './model/id.ts';
import { toHandle, type User } from './model/user.ts';
import { getHandleOwner, getPair } from './table/reads.ts';

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

/**
 * Finds the user with a handle, and the conversation that the caller has with them.
 * @param input as for {@link findUser}
 * @returns the user; `message_group_uuid` is absent if there is no conversation yet
 * @throws DomainError `handle_unknown`, `throttled`
 */
export async function findUserForCaller(
  deps: Deps,
  me: User,
  input: string,
): Promise<{ user: User; message_group_uuid?: Uuid }> {
  const user = await findUser(deps, input);
  const { message_group_uuid } = await getPair(deps.table, me.user_uuid, user.user_uuid, { ConsistentRead: true });
  return message_group_uuid ? { user, message_group_uuid } : { user };
}
