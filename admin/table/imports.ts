import { type Head, participantIds } from '../../core/model/head.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { Table } from '../../core/table/client.ts';
import {
  conversationIsUnchanged,
  isFreeOrUnnumbered,
  isUnnumbered,
  keyIsFree,
  pairIsUnchanged,
} from '../../core/table/conditions.ts';
import * as items from '../../core/table/items.ts';
import { type ConditionFailures, transact } from '../../core/table/transactions.ts';
import { put, remove, update, type Write } from '../../core/table/write-requests.ts';
import { type RowPart, type RowToWrite, rowWrites } from '../../core/table/writes.ts';
import type { ImportBatch } from '../import/import-batches.ts';
import { getMany } from './scan.ts';

/** DynamoDB's limit for a transaction. */
const mostWrites = 100;

/** Beside the messages, a transaction writes the pair, the head, and the two inbox rows at their old and their new sort key. */
export const mostMessages = mostWrites - 6;

export type ImportPart = 'pair' | 'head' | RowPart | `message${number}`;

/**
 * Stores a batch of a conversation in one transaction. The condition for the first batch is that the pair has no
 * conversation yet; for a later one, that the conversation has not changed since the batch before.
 * @param place the sort key of the inbox rows after this batch
 */
export function putImportBatch(
  table: Table,
  { before, head, messages }: ImportBatch,
  { rows, place }: { rows: RowToWrite[]; place: Timestamp },
  deadline: number,
): Promise<ConditionFailures<ImportPart> | undefined> {
  const conversation = head.message_group_uuid;
  const { last_message_at, sent, read, shown_at, rows_rev } = head;
  const changes = { last_message_at, sent, read, inbox_at: place, shown_at, rows_rev };
  const messageWrites = messages.map((message, n): [ImportPart, Write] => [
    `message${n}`,
    put(table, items.messageItem(message), isFreeOrUnnumbered(message.message_uuid)),
  ]);
  return transact<ImportPart>(
    table,
    {
      ...(!before && { pair: startsConversation(table, head) }),
      head: before
        ? update(table, items.headKey(conversation), changes, conversationIsUnchanged(before))
        : put(table, items.headItem({ ...head, inbox_at: place }), keyIsFree),
      ...rowWrites(table, conversation, { rows, place }),
      ...Object.fromEntries(messageWrites),
    },
    deadline,
  );
}

/** Who of the two blocks the other stays as it was when the head was made. */
function startsConversation(table: Table, head: Head): Write {
  const { message_group_uuid, blocked_by } = head;
  const changes = items.pairChanges({ message_group_uuid }, ['message_group_uuid']);
  return update(
    table,
    items.pairKey(...participantIds(head)),
    changes,
    pairIsUnchanged(blocked_by ? { blocked_by } : {}),
  );
}

/**
 * Deletes items of the original service whose messages are imported.
 * @param keys those that hold something else by now are left alone
 */
export async function removeOriginals(table: Table, keys: items.Key[], deadline: number): Promise<void> {
  const found = await getMany(table, keys, { ConsistentRead: true });
  const originals = keys.filter((key) => {
    const item = found.get(key);
    return item && !items.isNumbered(item) && !items.hasUnreadCount(item);
  });
  for (let start = 0; start < originals.length; start += mostWrites) {
    const writes = originals.slice(start, start + mostWrites).map((key) => remove(table, key, isUnnumbered));
    await transact(table, Object.fromEntries(writes.map((write, n) => [`original${n}`, write])), deadline);
  }
}
