import { DeleteCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Uuid } from '../../core/model/id.ts';
import type { Table } from '../../core/table/client.ts';
import { headKey, headOf, inbox, inboxRowKey } from '../../core/table/items.ts';
import { load, partition } from './table.ts';

/**
 * Makes the conversations of a user as version 0.2.0 stored new ones: its first contact wrote no inbox rows, and left them to the first
 * projection. Such conversations can still be in a table.
 */
export async function withoutRows(table: Table, user: Uuid): Promise<void> {
  for (const { message_group_uuid } of await partition(table, inbox(user))) {
    const Key = headKey(message_group_uuid as Uuid);
    const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }));
    if (!Item) throw new Error('an inbox row names a conversation without a head');
    const { participants, inbox_at } = headOf(Item);
    for (const { user_uuid } of participants) {
      const row = inboxRowKey(user_uuid, inbox_at as never);
      await table.client.send(new DeleteCommand({ TableName: table.name, Key: row }));
    }
    await load(table, [{ ...Item, inbox_at: undefined, shown_at: undefined, rows_rev: 0 }]);
  }
}
