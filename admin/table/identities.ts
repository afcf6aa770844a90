import type { Uuid } from '../../core/model/id.ts';
import type { RegisteredUser } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import { identityIsUnchanged, isFreeOrHeldBy, isHeldBy } from '../../core/table/conditions.ts';
import * as items from '../../core/table/items.ts';
import { type ConditionFailures, transact } from '../../core/table/transactions.ts';
import type { UserPart } from '../../core/table/users.ts';
import { put, remove, update } from '../../core/table/write-requests.ts';

export interface IdentityChange {
  /** The user as they were read. */
  before: RegisteredUser;
  cognito_user_id: string;
  /** Whether the identity before is this user's, and so is deleted. */
  dropsOld: boolean;
  /** Another user who holds the new identity without a right to it. */
  displaced?: Uuid | undefined;
}

/** Gives a user another identity, if they still have the one that was read and no other user holds the new one. */
export function putIdentity(
  table: Table,
  { before, cognito_user_id, dropsOld, displaced }: IdentityChange,
  deadline: number,
): Promise<ConditionFailures<UserPart> | undefined> {
  const { user_uuid } = before;
  const [, , identity] = items.userItems({ ...before, cognito_user_id });
  return transact<UserPart>(
    table,
    {
      user: update(table, items.userKey(user_uuid), { cognito_user_id }, identityIsUnchanged(before)),
      identity: put(table, identity, isFreeOrHeldBy(user_uuid, displaced)),
      oldIdentity: dropsOld ? remove(table, items.identityKey(before.cognito_user_id), isHeldBy(user_uuid)) : undefined,
    },
    deadline,
  );
}
