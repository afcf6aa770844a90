import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import { type Head, isProjected } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import { inboxRow } from './model/inbox.ts';
import { justAfter } from './model/time.ts';
import { getHead, getMessage } from './table/reads.ts';
import { backOff } from './table/transactions.ts';
import { putInboxRows } from './table/writes.ts';

/**
 * Makes the two inbox rows of a conversation what its head says, in one transaction on the head and the rows. The only
 * way in which rows are ever written: the projector and whoever marks as read come here.
 * @param change the head as it shall be, or undefined when there is nothing to do; asked again after a lost race
 * @returns whether anything was written
 * @throws DomainError `message_group_busy` or `throttled` when it could not win in time; what `change` throws
 */
export async function rewriteInbox(
  deps: Deps,
  conversation: Uuid,
  change: (head: Head | undefined) => Head | undefined,
): Promise<boolean> {
  const deadline = Date.now() + deps.retryBudget;
  for (let attempt = 1; ; attempt++) {
    const before = await getHead(deps.table, conversation);
    const after = change(before);
    if (!before || !after) return false;
    if (await writeRows(deps, before, after, deadline)) return true;
    await backOff(attempt, deadline, domainError('message_group_busy'));
  }
}

/** @returns false when somebody else wrote the rows since the head was read */
async function writeRows(deps: Deps, before: Head, after: Head, deadline: number): Promise<boolean> {
  const newest = await getMessage(deps.table, after.message_group_uuid, after.last_message_at);
  if (!newest) throw new Error('a head points to a message that is not there');

  // Rows that already show the newest message stay where they are, and only the one that changes is written.
  const stays = isProjected(before) ? before.inbox_at : undefined;
  const rows = after.participants
    .map(({ user_uuid }) => ({ user_uuid, row: inboxRow(after, newest, user_uuid) }))
    .filter(({ user_uuid, row }) => !stays || row.unread_count !== inboxRow(before, newest, user_uuid).unread_count);

  let place = stays ?? after.last_message_at;
  for (;;) {
    const failures = await putInboxRows(deps.table, { before, after, rows, place }, deadline);
    if (!failures) return true;
    // Another conversation's row sits there: the next microsecond may be free. Whether the head moved as well (AWS need not
    // say so at once) shows at the next try.
    const collided = !failures.head && (failures.row0 ?? failures.row1) !== undefined;
    if (!collided) return false;
    if (Date.now() >= deadline) throw domainError('message_group_busy');
    place = justAfter(place);
  }
}
