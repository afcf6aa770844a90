import * as z from 'zod/mini';
import { type Deps, deadlineOf } from './deps.ts';
import { domainError } from './errors.ts';
import { toUserWithSettings } from './model/account.ts';
import { isEqual } from './model/equal.ts';
import { code, parse } from './model/parse.ts';
import { registeredUserSchema, type StoredUser, type User, type UserWithSettings } from './model/user.ts';
import { backOff } from './table/transactions.ts';
import { getRegisteredUser, putProfile } from './table/users.ts';
import { UnownedItems } from './unowned-items.ts';

const inputSchema = z
  .object(
    {
      display_name: z.optional(registeredUserSchema.shape.display_name),
      read_receipts: z.optional(z.boolean(code('body_invalid'))),
    },
    code('body_invalid'),
  )
  .check(
    z.refine(
      ({ display_name, read_receipts }) => display_name !== undefined || read_receipts !== undefined,
      code('body_invalid'),
    ),
  );

/**
 * Changes the caller's display name and settings. This process shows the new name at once, others within a minute.
 * @param input `{display_name?, read_receipts?}`, unchecked; at least one of them
 * @returns the user as they are then
 * @throws DomainError `body_invalid`, `person_invalid` with its field, `display_name_misleading`, `person_unknown` (the user no longer
 *   exists), `user_gone`, `throttled`, `message_group_busy`
 */
export async function updateProfile(deps: Deps, me: User, input: unknown): Promise<UserWithSettings> {
  const { display_name, read_receipts } = parse(inputSchema, input);
  const deadline = deadlineOf(deps);
  const unowned = new UnownedItems();
  for (let attempt = 1; ; attempt++) {
    const before = await getRegisteredUser(deps.table, me.user_uuid, deadline);
    if (!before) {
      deps.memory.users.clear(); // without the caller, the table is a new one with other users
      throw domainError('person_unknown');
    }
    if (before.gone_at) throw domainError('user_gone');
    const after: StoredUser = {
      ...before,
      display_name: display_name ?? before.display_name,
      read_receipts: read_receipts ?? before.read_receipts,
    };
    const failures = isEqual(before, after) ? undefined : await putProfile(deps.table, { before, after }, deadline);
    if (!failures) {
      remember(deps, after);
      return after;
    }
    unowned.mustNotFollow(before, failures);
    await backOff(deps.table, attempt, deadline, domainError('throttled'));
  }
}

/** Changes what this process remembers of the user, for as long as before. It is not forgotten: a read may still find the old name. */
function remember({ memory: { users, usersById } }: Deps, { cognito_user_id, ...user }: StoredUser): void {
  const { user_uuid, display_name, read_receipts } = user;
  const caller = users.get(cognito_user_id);
  if (caller) users.set(cognito_user_id, { ...caller, display_name, read_receipts }, { noUpdateTTL: true });
  usersById.set(user_uuid, toUserWithSettings(user));
}
