import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import { participantsOf } from './known-users.ts';
import { isEqual } from './model/equal.ts';
import { type Head, hasUnshownVersion, includes, isHidden, isProjected, projectedAt } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import { inboxRows, type RowOf, rowDifferences } from './model/inbox.ts';
import type { Message } from './model/message.ts';
import { justAfter } from './model/time.ts';
import type { User } from './model/user.ts';
import { getExpectedHead, getHeadAndNewest, getNamedMessage } from './table/confirmed-reads.ts';
import { inboxRowKey } from './table/items.ts';
import { backOff } from './table/transactions.ts';
import { putInboxRows, type RowToWrite } from './table/writes.ts';

export interface RewriteOptions {
  /** Whether the head may be believed: see {@link getExpectedHead}. */
  isExpected: (head: Head) => boolean;
  /** Whether a message may have been changed: it does not tell how new it is, so the newest one is read together with the head. */
  isChanged?: boolean;
  /** Milliseconds since 1970, after which no further attempt begins. */
  deadline: number;
}

/**
 * Writes the two inbox rows of a conversation as its head says, in one transaction on the head and the rows. The projector and the
 * verbs that change what the rows show all come through here; beside them, only a first contact writes rows
 * (start-conversation.ts).
 * @param change returns the head to write, or undefined when nothing has to change; called again after a lost race
 * @returns whether anything was written
 * @throws DomainError `message_group_busy` or `throttled` when other writes won every race until the deadline; any error of `change`
 */
export async function rewriteInbox(
  deps: Deps,
  conversation: Uuid,
  { isExpected, isChanged = false, deadline }: RewriteOptions,
  change: (head: Head | undefined) => Head | undefined,
): Promise<boolean> {
  const { table } = deps;
  for (let attempt = 1; ; attempt++) {
    const known = await getExpectedHead(table, conversation, isExpected, deadline);
    const isTogether = known && (isChanged || hasUnshownVersion(known));
    const current = isTogether ? await getHeadAndNewest(table, known, deadline) : undefined;
    const before = current?.head ?? known;
    const after = change(before);
    if (!before || !after) return false;
    const newest = current?.newest ?? (await getNamedMessage(table, conversation, after.last_message_at, deadline));
    if (!newest) throw new Error('a head names a message that does not exist');
    if (await writeRows(deps, { before, after, newest }, deadline)) return true;
    await backOff(table, attempt, deadline, domainError('message_group_busy'));
  }
}

/** @returns false when the rows were written by another process since the head was read */
async function writeRows(
  deps: Deps,
  change: { before: Head; after: Head; newest: Message },
  deadline: number,
): Promise<boolean> {
  const { before, after } = change;
  const users = await participantsOf(deps, after, deadline);
  const changed = optional.filter((field) => !isEqual(before[field], after[field]));
  // Rows that show the newest message already stay where they are.
  let place = (isProjected(before) ? before.inbox_at : undefined) ?? after.last_message_at;
  for (;;) {
    const projected = projectedAt({ ...after, rows_rev: before.rows_rev }, place);
    const rows = rowsToWrite({ ...change, after: projected }, users);
    const failures = await putInboxRows(deps.table, { before, after: projected, changed, rows }, deadline);
    if (!failures) return true;
    // The row of another conversation is at that place, and the next microsecond may be free. AWS need not report every failed
    // condition at once: whether the head has changed as well shows in the next attempt.
    const collided = !failures.head && (failures.row0 ?? failures.row1) !== undefined;
    if (!collided) return false;
    if (deps.table.runtime.millis() >= deadline) throw domainError('message_group_busy');
    place = justAfter(place);
  }
}

/** What a head may gain after its conversation has begun, and what a new write of the rows is the reason for. */
const optional = ['participants', 'cleared', 'muted_by', 'marked_unread_by', 'gone'] as const;

/**
 * The rows that show something else than before, or at another place. Both have one place. One who is gone has no row. When a participant
 * goes, the other's row is written in any case, since it has their names.
 */
function rowsToWrite(
  { before, after, newest }: { before: Head; after: Head; newest: Message },
  users: readonly [User, User],
): RowToWrite[] {
  const stay = isProjected(before) && before.inbox_at === after.inbox_at && isEqual(before.gone, after.gone);
  const shown = inboxRows(before, newest, users);
  return inboxRows(after, newest, users)
    .map((next, n) => {
      const { user_uuid } = next;
      // Where a row is follows from what it shows now, not from the head as it will be.
      const wasHidden = isHidden(before, user_uuid);
      const hides = isHidden(after, user_uuid);
      const from = before.inbox_at && inboxRowKey(user_uuid, before.inbox_at, wasHidden);
      const isSame = wasHidden === hides && rowDifferences(next.row, (shown[n] as RowOf).row).length === 0;
      return { ...next, from, isHidden: hides, isSame, isRemoved: includes(after.gone, user_uuid) };
    })
    .filter(({ isSame }) => !(stay && isSame));
}
