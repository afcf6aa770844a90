import * as z from 'zod/mini';
import { type Deps, deadlineOf } from './deps.ts';
import { knownUsers } from './known-users.ts';
import { toUser } from './model/account.ts';
import type { Uuid } from './model/id.ts';
import type { InboxRow } from './model/inbox.ts';
import { cursor, limit } from './model/paging.ts';
import { parse } from './model/parse.ts';
import type { User } from './model/user.ts';
import { fromCursor, toCursor } from './table/cursor.ts';
import { inboxBefore } from './table/reads.ts';

export const inputSchema = z.object({ limit, cursor });

/** A page of an inbox, most recent activity first, and the cursor of the next page, if there is one. */
export interface InboxPage {
  rows: InboxRow[];
  next?: { cursor: string };
  limit: number;
}

/**
 * Access pattern B: lists a user's conversations, most recent activity first. A page holds each conversation once, although a row that
 * moves while the page is read may appear at both of its places.
 * @param input `{limit?, cursor?}`, unchecked; `limit` defaults to 20
 * @returns one page of inbox rows
 * @throws DomainError `limit_invalid`, `cursor_invalid`, `throttled`
 */
export async function listMessageGroups(deps: Deps, me: User, input: unknown): Promise<InboxPage> {
  const { limit, cursor } = parse(inputSchema, input);
  const scope = { list: 'message_groups', user_uuid: me.user_uuid } as const;
  const before = cursor === undefined ? undefined : fromCursor(scope, cursor).stop;

  const page = await inboxBefore(deps.table, me.user_uuid, { before, limit });
  const last = page.rows.at(-1)?.place;
  const listed = new Set<Uuid>();
  const once = page.rows.filter(
    ({ message_group_uuid: conversation }) => !listed.has(conversation) && listed.add(conversation),
  );
  const users = await knownUsers(
    deps,
    once.map(({ other }) => other.user_uuid),
    deadlineOf(deps),
  );
  const rows = once.map(({ place: _, ...row }) => ({
    ...row,
    other: toUser(users.get(row.other.user_uuid) ?? row.other),
  }));
  return { rows, limit, ...(page.more && last && { next: { cursor: toCursor(scope, { stop: last }) } }) };
}
