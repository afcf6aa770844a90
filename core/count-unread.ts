import type { Deps } from './deps.ts';
import type { Uuid } from './model/id.ts';
import type { User } from './model/user.ts';
import { recentRows } from './table/reads.ts';

/** How many conversations are looked at: the most recent ones. */
const mostRows = 200;

/** What a user has not read. */
export interface Unread {
  /** The number of messages. */
  unread_count: number;
  /** The number of conversations that they are in. */
  message_groups: number;
  /** Whether there are older conversations, which were not looked at. */
  more: boolean;
}

/**
 * Counts what a user has not read in their 200 most recent conversations. Those that they muted add nothing.
 * @throws DomainError `throttled`
 */
export async function countUnread(deps: Deps, me: User): Promise<Unread> {
  const { rows, more } = await recentRows(deps.table, me.user_uuid, mostRows);
  // A row that moves while it is read may appear at both of its places: the first one is the newer one.
  const counted = new Set<Uuid>();
  const unread = rows.filter(({ message_group_uuid: conversation, unread_count, muted }) => {
    const isFirst = !counted.has(conversation);
    counted.add(conversation);
    return isFirst && !muted && unread_count > 0;
  });
  return {
    unread_count: unread.reduce((sum, { unread_count }) => sum + unread_count, 0),
    message_groups: unread.length,
    more,
  };
}
