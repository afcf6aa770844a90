import type { Uuid } from '../../core/model/id.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { Table } from '../../core/table/client.ts';
import { conversationIsUnchanged, keyIsFree } from '../../core/table/conditions.ts';
import * as items from '../../core/table/items.ts';
import { type ConditionFailures, transact } from '../../core/table/transactions.ts';
import { put, type Write } from '../../core/table/write-requests.ts';
import { type RowPart, type RowToWrite, rowWrites } from '../../core/table/writes.ts';
import type { ImportBatch } from '../import/import-batches.ts';

/**
 * A transaction has at most 100 writes. Beside the messages it writes the pair, the head, and the two inbox rows at
 * their old and their new sort key.
 */
export const mostMessages = 94;

export type ImportPart = 'pair' | 'head' | RowPart | `message${number}`;

/**
 * Stores a batch of a conversation in one transaction. The condition for the first batch is that the pair has no
 * conversation yet; for a later one, that the conversation has not changed since the batch before.
 * @param place the sort key of the inbox rows after this batch
 * @param from the sort key of the inbox rows before it
 */
export function putImportBatch(
  table: Table,
  { before, head, messages }: ImportBatch,
  { rows, place, from }: { rows: RowToWrite[]; place: Timestamp; from: Timestamp | undefined },
  deadline: number,
): Promise<ConditionFailures<ImportPart> | undefined> {
  const conversation = head.message_group_uuid;
  const [one, other] = head.participants.map(({ user_uuid }) => user_uuid) as [Uuid, Uuid];
  const messageWrites = messages.map((message, n): [ImportPart, Write] => [
    `message${n}`,
    put(table, items.messageItem(message), keyIsFree),
  ]);
  return transact<ImportPart>(
    table,
    {
      ...(!before && { pair: put(table, items.pairItem(one, other, conversation), keyIsFree) }),
      head: put(
        table,
        items.headItem({ ...head, inbox_at: place }),
        before ? conversationIsUnchanged(before) : keyIsFree,
      ),
      ...rowWrites(table, conversation, { rows, place, from }),
      ...Object.fromEntries(messageWrites),
    },
    deadline,
  );
}
