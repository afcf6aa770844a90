import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import { type Head, isProjected } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import { inboxRow, rowDifferences } from './model/inbox.ts';
import { justAfter } from './model/time.ts';
import { getExpectedHead, getNamedMessage } from './table/confirmed-reads.ts';
import { backOff } from './table/transactions.ts';
import { putInboxRows } from './table/writes.ts';

/**
 * Writes the two inbox rows of a conversation as its head says, in one transaction on the head and the rows. The projector and the
 * verbs that change what the rows show all come through here; beside them, only a first contact writes rows
 * (start-conversation.ts).
 * @param options.isExpected whether the head may be believed: see {@link getExpectedHead}
 * @param options.deadline milliseconds since 1970, after which no further attempt begins
 * @param change returns the head to write, or undefined when nothing has to change; called again after a lost race
 * @returns whether anything was written
 * @throws DomainError `message_group_busy` or `throttled` when other writes won every race until the deadline; any error of `change`
 */
export async function rewriteInbox(
  deps: Deps,
  conversation: Uuid,
  { isExpected, deadline }: { isExpected: (head: Head) => boolean; deadline: number },
  change: (head: Head | undefined) => Head | undefined,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    const before = await getExpectedHead(deps.table, conversation, isExpected, deadline);
    const after = change(before);
    if (!before || !after) return false;
    if (await writeRows(deps, before, after, deadline)) return true;
    await backOff(deps.table, attempt, deadline, domainError('message_group_busy'));
  }
}

/** @returns false when the rows were written by another process since the head was read */
async function writeRows(deps: Deps, before: Head, after: Head, deadline: number): Promise<boolean> {
  const newest = await getNamedMessage(deps.table, after.message_group_uuid, after.last_message_at, deadline);
  if (!newest) throw new Error('a head names a message that does not exist');

  // Rows that show the newest message already stay where they are, and only those that change are written.
  const stays = isProjected(before) ? before.inbox_at : undefined;
  const rows = after.participants
    .map(({ user_uuid }) => ({ user_uuid, row: inboxRow(after, newest, user_uuid) }))
    .filter(({ user_uuid, row }) => !stays || rowDifferences(row, inboxRow(before, newest, user_uuid)).length > 0);

  let place = stays ?? after.last_message_at;
  for (;;) {
    const failures = await putInboxRows(deps.table, { before, after, rows, place }, deadline);
    if (!failures) return true;
    // The row of another conversation is at that place, and the next microsecond may be free. AWS need not report every failed
    // condition at once: whether the head has changed as well shows in the next attempt.
    const collided = !failures.head && (failures.row0 ?? failures.row1) !== undefined;
    if (!collided) return false;
    if (deps.table.runtime.millis() >= deadline) throw domainError('message_group_busy');
    place = justAfter(place);
  }
}
