import type { Uuid } from '../../core/model/id.ts';
import type { Table } from '../../core/table/client.ts';
import { isPresent } from '../../core/table/conditions.ts';
import { type Item, userKey } from '../../core/table/items.ts';
import { transact } from '../../core/table/transactions.ts';
import { update } from '../../core/table/write-requests.ts';

/** Changes attributes of a user's item that only operators set. @returns false if there is no such user, or they were erased: then nothing is written */
export async function putStanding(table: Table, user: Uuid, changes: Item, deadline: number): Promise<boolean> {
  const writes = { user: update(table, userKey(user), changes, isPresent) };
  return (await transact<'user'>(table, writes, deadline)) === undefined;
}
