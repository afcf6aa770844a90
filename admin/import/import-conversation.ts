import type { Deps } from '../../core/deps.ts';
import { domainError } from '../../core/errors.ts';
import { inboxRow } from '../../core/model/inbox.ts';
import type { Message } from '../../core/model/message.ts';
import { justAfter, type Timestamp } from '../../core/model/time.ts';
import { mostMessages, putImportBatch } from '../table/imports.ts';
import { type ImportBatch, type ImportedConversation, importBatches } from './import-batches.ts';

/**
 * Stores a conversation that was had elsewhere, with its pair and its inbox rows; if the two have one already, nothing. Each
 * hundred items are one transaction that leaves the conversation whole, so ended in the middle it is shorter, not broken.
 * @param onProgress told how many messages a transaction has stored
 * @returns whether it was stored
 * @throws DomainError `message_group_busy` (somebody wrote into it meanwhile, or one of its messages' keys is taken), `throttled`
 */
export async function importConversation(
  deps: Deps,
  conversation: ImportedConversation,
  onProgress: (messages: number) => void = () => {},
): Promise<boolean> {
  let rowsAt: Timestamp | undefined;
  for (const batch of importBatches(conversation, mostMessages)) {
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

/** @returns where the rows sit now, or undefined when the conversation is not as the chapter expects it */
async function store(
  { table, retryBudget }: Deps,
  batch: ImportBatch,
  from: Timestamp | undefined,
): Promise<Timestamp | undefined> {
  const { head } = batch;
  const newest = batch.messages.at(-1) as Message;
  const rows = head.participants.map(({ user_uuid }) => ({ user_uuid, row: inboxRow(head, newest, user_uuid) }));
  for (let place = newest.created_at; ; place = justAfter(place)) {
    const failures = await putImportBatch(table, batch, { rows, place, from }, Date.now() + retryBudget);
    if (!failures) return place;
    // As in rewrite-inbox.ts: another conversation's row sits there, the next microsecond may be free.
    const { row0, row1, ...others } = failures;
    if (Object.keys(others).length > 0 || !(row0 ?? row1)) return undefined;
  }
}
