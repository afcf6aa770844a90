import * as z from 'zod/mini';
import { type Deps, deadlineOf } from './deps.ts';
import { knownUsers, withoutUser } from './known-users.ts';
import { cursor, limit } from './model/paging.ts';
import { parse } from './model/parse.ts';
import type { Timestamp } from './model/time.ts';
import type { User } from './model/user.ts';
import { fromCursor, toCursor } from './table/cursor.ts';
import { blocksAfter } from './table/reads.ts';

export const inputSchema = z.object({ limit, cursor });

/** A page of the users whom a user blocks, and the cursor of the next page, if there is one. */
export interface BlocksPage {
  blocks: { user: User; blocked_at: Timestamp }[];
  next?: { cursor: string };
  limit: number;
}

/**
 * Lists the users whom a user blocks, by their uuid.
 * @param input `{limit?, cursor?}`, unchecked; `limit` defaults to 20
 * @throws DomainError `limit_invalid`, `cursor_invalid`, `throttled`
 */
export async function listBlocks(deps: Deps, me: User, input: unknown): Promise<BlocksPage> {
  const { limit, cursor } = parse(inputSchema, input);
  const scope = { list: 'blocks', user_uuid: me.user_uuid } as const;
  const after = cursor === undefined ? undefined : fromCursor(scope, cursor).stop;
  const page = await blocksAfter(deps.table, me.user_uuid, { after, limit });
  const users = await knownUsers(
    deps,
    page.rows.map(({ user_uuid }) => user_uuid),
    deadlineOf(deps),
  );
  const last = page.rows.at(-1)?.user_uuid;
  return {
    blocks: page.rows.map(({ user_uuid, blocked_at }) => ({
      user: users.get(user_uuid) ?? withoutUser({ user_uuid }),
      blocked_at,
    })),
    limit,
    ...(page.more && last && { next: { cursor: toCursor(scope, { stop: last }) } }),
  };
}
