import { type Deps, deadlineOf } from '../../core/deps.ts';
import { domainError } from '../../core/errors.ts';
import { type Head, isHidden } from '../../core/model/head.ts';
import { inboxRows } from '../../core/model/inbox.ts';
import type { Message } from '../../core/model/message.ts';
import { justAfter, type Timestamp } from '../../core/model/time.ts';
import { inboxRowKey } from '../../core/table/items.ts';
import { getPair } from '../../core/table/reads.ts';
import { mostMessages, putImportBatch } from '../table/imports.ts';
import { type ImportBatch, type ImportedConversation, importBatches } from './import-batches.ts';

/**
 * Stores a whole conversation with its pair and its inbox rows, unless the participants have one already. Each batch
 * is one transaction that leaves the conversation consistent, so an interrupted import leaves a shorter conversation
 * but no damaged one.
 * @param onProgress receives the number of messages that a transaction has stored
 * @param existing the head of the conversation if it is there already: then the messages are appended to it
 * @returns false when the participants have a conversation already, or one of the keys is taken: then nothing is stored
 * @throws DomainError `message_group_busy` (the conversation changed during the import, or the key of a message is
 * taken), `throttled`
 */
export async function importConversation(
  deps: Deps,
  conversation: ImportedConversation,
  onProgress: (messages: number) => void = () => {},
  existing?: Head,
): Promise<boolean> {
  const [one, other] = conversation.participants;
  const pair = existing ? {} : await getPair(deps.table, one.user_uuid, other.user_uuid, { ConsistentRead: true });
  if (pair.message_group_uuid) return false;
  let rowsAt = existing?.inbox_at;
  for (const batch of importBatches(conversation, mostMessages, existing, pair.blocked_by)) {
    const place = await store(deps, batch, rowsAt);
    if (place === undefined) {
      if (!batch.before) return false;
      throw domainError('message_group_busy');
    }
    rowsAt = place;
    onProgress(batch.messages.length);
  }
  return true;
}

/**
 * @param from the sort key of the inbox rows before the batch; undefined if there are none
 * @returns the sort key of the inbox rows after the batch; undefined when the conversation is not as the batch
 * expects it
 */
async function store(
  { table, retryBudget }: Deps,
  batch: ImportBatch,
  from: Timestamp | undefined,
): Promise<Timestamp | undefined> {
  const { before, head, participants } = batch;
  const newest = batch.messages.at(-1) as Message;
  const rows = inboxRows(head, newest, participants).map((row) => ({
    ...row,
    from: from && inboxRowKey(row.user_uuid, from, before && isHidden(before, row.user_uuid)),
    isHidden: isHidden(head, row.user_uuid),
  }));
  for (let place = newest.created_at; ; place = justAfter(place)) {
    const failures = await putImportBatch(table, batch, { rows, place }, deadlineOf({ table, retryBudget }));
    if (!failures) return place;
    // A row of another conversation has this sort key, so the next microsecond is tried, as the projector does
    // (rewrite-inbox.ts).
    const { row0, row1, ...others } = failures;
    if (Object.keys(others).length > 0 || !(row0 ?? row1)) return undefined;
  }
}
