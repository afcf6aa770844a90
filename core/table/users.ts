import type { Caller } from '../model/account.ts';
import type { Uuid } from '../model/id.ts';
import type { Handle, RegisteredUser, StoredUser, UserWithSettings } from '../model/user.ts';
import { getItems } from './batch-reads.ts';
import type { Table } from './client.ts';
import { isFreeOrHeldBy, isHeldBy, isPresent, keyIsFree, keyIsFreeOrExpired, nameIsUnchanged } from './conditions.ts';
import { getNamedItem } from './confirmed-reads.ts';
import * as items from './items.ts';
import { getItem } from './reads.ts';
import { type ConditionFailures, transact, type Writes } from './transactions.ts';
import { check, put, remove, update } from './write-requests.ts';

// The items of a user, which change together or not at all.

export type UserPart =
  | 'user'
  | 'handle'
  | 'reservation'
  | 'erasure'
  | 'identity'
  | 'oldIdentity'
  | `${'put' | 'removed'}Word${number}`;

/** The writes of search items. No other user can hold the key of one. */
export function searchWrites(
  table: Table,
  user: Uuid,
  { puts, removals = [] }: { puts: items.Item[]; removals?: items.Key[] },
): Writes<UserPart> {
  const isTheirs = isFreeOrHeldBy(user);
  return Object.fromEntries([
    ...puts.map((item, n) => [`putWord${n}`, put(table, item, isTheirs)]),
    ...removals.map(({ pk, sk }, n) => [`removedWord${n}`, remove(table, { pk, sk }, isTheirs)]),
  ]);
}

/**
 * Stores a new user in one transaction, if their uuid, their handle and their identity are all free.
 * @param now seconds since 1970: a handle that was reserved until then is free
 */
export function putUser(
  table: Table,
  user: RegisteredUser,
  now: number,
  deadline: number,
): Promise<ConditionFailures<UserPart> | undefined> {
  const [userItem, handleItem, identityItem, ...puts] = items.userItems(user);
  return transact<UserPart>(
    table,
    {
      user: put(table, userItem, keyIsFree),
      handle: put(table, handleItem, keyIsFree),
      reservation: check(table, items.reservationKey(user.handle), keyIsFreeOrExpired(now)),
      identity: put(table, identityItem, keyIsFree),
      ...searchWrites(table, user.user_uuid, { puts }),
    },
    deadline,
  );
}

/**
 * Stores a changed display name in all items that show it or follow from it, and changed settings, in one transaction.
 * @param before the user as they were read: a name that was changed meanwhile is not overwritten
 * @returns the parts whose condition failed. AWS may name only some of them: without `user`, the user may have changed all the same
 */
export function putProfile(
  table: Table,
  { before, after }: { before: StoredUser; after: StoredUser },
  deadline: number,
): Promise<ConditionFailures<UserPart> | undefined> {
  const { user_uuid, handle, display_name } = after;
  const isRenamed = display_name !== before.display_name;
  const fields = (['display_name', 'read_receipts'] as const).filter((field) => after[field] !== before[field]);
  const [old, current] = [items.searchItems(before), items.searchItems(after)];
  const without = (some: typeof old, others: typeof old) =>
    some.filter(({ pk, sk }) => !others.some((other) => other.pk === pk && other.sk === sk));
  return transact<UserPart>(
    table,
    {
      user: update(
        table,
        items.userKey(user_uuid),
        items.userChanges(after, fields),
        isRenamed ? nameIsUnchanged(before) : isPresent,
      ),
      handle: isRenamed ? update(table, items.handleKey(handle), { display_name }, isHeldBy(user_uuid)) : undefined,
      ...searchWrites(table, user_uuid, { puts: without(current, old), removals: without(old, current) }),
    },
    deadline,
  );
}

/**
 * The user who signs in with an identity.
 * @param cognito_user_id the `sub` of a verified token
 * @param deadline milliseconds since 1970, until which a user item that is missing is looked for again
 */
export async function getUserByIdentity(
  table: Table,
  cognito_user_id: string,
  deadline: number,
): Promise<Caller | undefined> {
  const owner = await getIdentityOwner(table, cognito_user_id);
  const user = owner && (await getNamedItem(table, items.userKey(owner), deadline));
  return user && items.callerOf(user);
}

/**
 * A user with their identity, whom another item names.
 * @param deadline milliseconds since 1970, until which a user item that is missing is looked for again
 */
export async function getRegisteredUser(
  table: Table,
  user: Uuid,
  deadline = table.runtime.millis(),
): Promise<StoredUser | undefined> {
  const item = await getNamedItem(table, items.userKey(user), deadline);
  return item && items.storedUserOf(item);
}

/** A user whom another item names. @throws like {@link getUserByIdentity} */
export async function getNamedUser(table: Table, user: Uuid, deadline: number): Promise<UserWithSettings | undefined> {
  const item = await getNamedItem(table, items.userKey(user), deadline);
  return item && items.userOf(item);
}

/**
 * Several users at once, eventually consistent.
 * @param ids 100 at most, all different
 * @param deadline milliseconds since 1970, after which DynamoDB is not asked again for those that it left out
 * @returns those who exist
 * @throws DomainError `throttled`
 */
export async function getUsers(table: Table, ids: readonly Uuid[], deadline: number): Promise<UserWithSettings[]> {
  return (await getItems(table, ids.map(items.userKey), deadline)).map(items.userOf);
}

/** @returns the uuid of the user that the identity item names, whether or not that user's own item agrees */
export async function getIdentityOwner(table: Table, cognito_user_id: string): Promise<Uuid | undefined> {
  const item = await getItem(table, items.identityKey(cognito_user_id));
  return item?.user_uuid as Uuid | undefined;
}

/**
 * Whether a user has a handle, or nobody may have it for the time being.
 * @param now seconds since 1970
 * @throws DomainError `throttled`
 */
export async function isHandleTaken(table: Table, handle: Handle, now: number, deadline: number): Promise<boolean> {
  const keys = [items.handleKey(handle), items.reservationKey(handle)];
  const found = await getItems(table, keys, deadline, { ConsistentRead: true });
  return found.some((item) => item.user_uuid !== undefined || items.reservationOf(item).expires_at > now);
}
