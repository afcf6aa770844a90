import type { Uuid } from '../model/id.ts';
import type { RegisteredUser } from '../model/user.ts';
import type { Table } from './client.ts';
import * as items from './items.ts';
import { getItem } from './reads.ts';
import { type ConditionFailures, transact } from './transactions.ts';
import { keyIsFree, put } from './writes.ts';

// The three items of a person, which change together or not at all.

export type UserPart = 'user' | 'handle' | 'identity' | 'oldIdentity';

/** Stores somebody new, if neither their id, nor their handle, nor their sign-in is anybody's. */
export function putUser(
  table: Table,
  account: RegisteredUser,
  deadline: number,
): Promise<ConditionFailures<UserPart> | undefined> {
  const [user, handle, identity] = items.userItems(account).map((item) => put(table, item, keyIsFree)) as [
    ReturnType<typeof put>,
    ReturnType<typeof put>,
    ReturnType<typeof put>,
  ];
  return transact<UserPart>(table, { user, handle, identity }, deadline);
}

/** Everything that is stored of a person, read consistently. */
export async function getRegisteredUser(table: Table, user: Uuid): Promise<RegisteredUser | undefined> {
  const item = await getItem(table, items.userKey(user));
  return item && items.registeredUserOf(item);
}

/** Who signs in with an identity, whether or not their user item says so too. */
export async function getIdentityOwner(table: Table, cognito_user_id: string): Promise<Uuid | undefined> {
  const item = await getItem(table, items.identityKey(cognito_user_id));
  return item?.user_uuid as Uuid | undefined;
}
