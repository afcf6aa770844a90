import type { RegisteredUser } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import { identityIsUnchanged, isAsRead, isFreeOrHeldBy, isHeldBy } from '../../core/table/conditions.ts';
import * as items from '../../core/table/items.ts';
import { type ConditionFailures, transact } from '../../core/table/transactions.ts';
import type { UserPart } from '../../core/table/users.ts';
import { put, remove, update } from '../../core/table/write-requests.ts';

export interface IdentityChange {
  /** The user as they were read. */
  before: RegisteredUser;
  cognito_user_id: string;
  /** Whether to delete the previous identity item. Not if it belongs to another user. */
  dropsOld: boolean;
}

/** Gives a user another identity, if they still have the one that was read and no other user holds the new one. */
export function putIdentity(
  table: Table,
  { before, cognito_user_id, dropsOld }: IdentityChange,
  deadline: number,
): Promise<ConditionFailures<UserPart> | undefined> {
  const { user_uuid } = before;
  const [, , identity] = items.userItems({ ...before, cognito_user_id });
  return transact<UserPart>(
    table,
    {
      user: update(table, items.userKey(user_uuid), { cognito_user_id }, identityIsUnchanged(before)),
      identity: put(table, identity, isFreeOrHeldBy(user_uuid)),
      oldIdentity: dropsOld ? remove(table, items.identityKey(before.cognito_user_id), isHeldBy(user_uuid)) : undefined,
    },
    deadline,
  );
}

/** Gives a user another e-mail address. @returns false when the user has changed since they were read: then nothing is written */
export async function putAddress(
  table: Table,
  before: RegisteredUser,
  email: string,
  deadline: number,
): Promise<boolean> {
  const [user] = items.userItems(before);
  const change = { user: update(table, items.userKey(before.user_uuid), { email }, isAsRead(user)) };
  return (await transact<'user'>(table, change, deadline)) === undefined;
}
