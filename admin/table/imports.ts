import type { Uuid } from '../../core/model/id.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { Table } from '../../core/table/client.ts';
import * as items from '../../core/table/items.ts';
import { type ConditionFailures, transact } from '../../core/table/transactions.ts';
import {
  type Condition,
  keyIsFree,
  placeIsFreeOrOwn,
  put,
  type RowToWrite,
  remove,
  type Write,
} from '../../core/table/writes.ts';
import type { ImportBatch } from '../import/import-batches.ts';

// What comes into the table as a whole, not message by message.

// The head and its rows have not changed since the chapter before.
const nothingHappened = 'rows_rev = :rev AND sent = :sent';

/** As many as fit into one transaction (100 writes) beside the pair, the head, and the two rows at their old and new place. */
export const mostMessages = 94;

export type ImportPart = 'pair' | 'head' | 'oldRow0' | 'oldRow1' | 'row0' | 'row1' | `message${number}`;

/**
 * Stores a chapter of a conversation in one transaction: the first if the two have no conversation yet, a later one if nothing
 * has happened in it since the one before.
 * @param place where the rows shall sit
 * @param from where the rows sit since the chapter before
 */
export function putImportBatch(
  table: Table,
  { before, head, messages }: ImportBatch,
  { rows, place, from }: { rows: RowToWrite[]; place: Timestamp; from: Timestamp | undefined },
  deadline: number,
): Promise<ConditionFailures<ImportPart> | undefined> {
  const conversation = head.message_group_uuid;
  const mine: Condition = { ExpressionAttributeValues: { ':conversation': conversation } };
  const [one, other] = head.participants.map(({ user_uuid }) => user_uuid) as [Uuid, Uuid];
  const [row0, row1] = rows.map(({ user_uuid, row }) =>
    put(table, items.inboxRowItem(user_uuid, row, place), placeIsFreeOrOwn, mine),
  );
  const [oldRow0, oldRow1] =
    from === undefined || from === place
      ? []
      : rows.map(({ user_uuid }) => remove(table, items.inboxRowKey(user_uuid, from), placeIsFreeOrOwn, mine));
  const Head = items.headItem({ ...head, inbox_at: place });
  const asBefore = before && { ExpressionAttributeValues: { ':rev': before.rows_rev, ':sent': before.sent } };
  const texts = messages.map((message, n): [ImportPart, Write] => [
    `message${n}`,
    put(table, items.messageItem(message), keyIsFree),
  ]);
  return transact<ImportPart>(
    table,
    {
      ...(!before && { pair: put(table, items.pairItem(one, other, conversation), keyIsFree) }),
      head: asBefore ? put(table, Head, nothingHappened, asBefore) : put(table, Head, keyIsFree),
      oldRow0,
      oldRow1,
      row0,
      row1,
      ...Object.fromEntries(texts),
    },
    deadline,
  );
}
