import type { Uuid } from '../../core/model/id.ts';
import { toHandle, type User } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import * as items from '../../core/table/items.ts';
import { getMany } from '../table/scan.ts';

/** A user as the original's items name them: its id for them, and every handle that they had. */
export interface NamedUser {
  user_uuid: string;
  handles: string[];
}

const consistent = { ConsistentRead: true };

/**
 * Finds our users: by the id if it is one of ours, by the id if it is the Cognito id of one of ours, or else by the handle.
 * @returns our users by the original's ids. A user whose handles belong to several of ours is left out: it is unknown who is meant
 * @throws DomainError `throttled` when DynamoDB throttles for a minute
 */
export async function findOurUsers(table: Table, named: NamedUser[]): Promise<Map<string, User>> {
  const found = await getMany(table, named.flatMap(keysOf), consistent);
  const owners = named.map((user) => ({ id: user.user_uuid, owner: ownerIn(found, user) }));
  const users = await getMany(
    table,
    owners.flatMap(({ owner }) => (owner === undefined ? [] : [items.userKey(owner)])),
    consistent,
  );
  return new Map(
    owners.flatMap(({ id, owner }) => {
      const item = owner && users.get(items.userKey(owner));
      return item ? [[id, items.userOf(item)] as const] : [];
    }),
  );
}

/** The items that may tell who it is. */
const keysOf = ({ user_uuid, handles }: NamedUser): items.Key[] => [
  items.userKey(user_uuid as Uuid),
  items.identityKey(user_uuid),
  ...handleKeys(handles),
];

const handleKeys = (handles: string[]): items.Key[] =>
  handles.map(toHandle).flatMap((handle) => (handle === undefined ? [] : [items.handleKey(handle)]));

function ownerIn(found: { get: (key: items.Key) => items.Item | undefined }, user: NamedUser): Uuid | undefined {
  const exact = found.get(items.userKey(user.user_uuid as Uuid)) ?? found.get(items.identityKey(user.user_uuid));
  if (exact) return exact.user_uuid as Uuid;
  const owners = new Set(handleKeys(user.handles).map((key) => found.get(key)?.user_uuid as Uuid | undefined));
  owners.delete(undefined);
  return owners.size === 1 ? [...owners][0] : undefined;
}
