import { type QueryClient, useInfiniteQuery } from '@tanstack/react-query';
import { type Page, requestNoContent, requestPage } from '../api/request.ts';
import type { BlockedUser, User } from '../api/schema.ts';
import { cachedState, fetchMessageGroup, updateStateWith } from './inbox.ts';
import { allRows, type PagedList } from './paged-list.ts';
import { fetchUser } from './users.ts';

const queryKey = ['blocks'];

/** The users whom the signed-in user blocks; `fetchNextPage` loads more. */
export function useBlocks() {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => requestPage<BlockedUser>(pageParam, signal),
    initialPageParam: '/api/blocks',
    getNextPageParam: ({ next }) => next,
    select: allRows<BlockedUser>,
    staleTime: 0, // another device may have changed it
  });
}

const menuTimeout = 2_000; // milliseconds that a menu waits for an answer before it opens without one

/** What a menu about a user depends on. */
export interface Relation {
  /** Whether the signed-in user blocks this one, as far as is known. */
  isBlocked: boolean;
  /** The conversation of the two; undefined if there is none, or it is not known. */
  message_group_uuid: string | undefined;
}

/** Asks the service whether the user of a conversation is blocked. If it fails or is late, the cache answers. */
export async function relationIn(client: QueryClient, uuid: string): Promise<Relation> {
  const state = await fetchMessageGroup(client, uuid, AbortSignal.timeout(menuTimeout)).catch(() =>
    cachedState(client, uuid),
  );
  return { isBlocked: state?.blocked === true, message_group_uuid: uuid };
}

/**
 * Asks the service for the conversation with a user, and whether the user is blocked, which is also possible without a conversation.
 * @returns neither a conversation nor a block if the service fails or is late
 */
export async function relationWith(client: QueryClient, { uuid, handle }: User): Promise<Relation> {
  const signal = AbortSignal.timeout(menuTimeout);
  try {
    const { message_group_uuid } = await fetchUser(client, handle, signal);
    if (message_group_uuid) return await relationIn(client, message_group_uuid);
    return { isBlocked: await isListed(uuid, signal), message_group_uuid: undefined };
  } catch {
    return { isBlocked: false, message_group_uuid: undefined };
  }
}

/** Whether the list of blocked users has this one. No route answers for a single user, so this reads pages until one names them. */
async function isListed(user: string, signal: AbortSignal): Promise<boolean> {
  for (let path: string | undefined = '/api/blocks?limit=100'; path; ) {
    const { rows, next }: Page<BlockedUser> = await requestPage(path, signal);
    if (rows.some(({ uuid }) => uuid === user)) return true;
    path = next;
  }
  return false;
}

/**
 * Blocks or unblocks a user.
 * @param user the UUID of the user
 * @throws ApiError, SignedOutError
 */
export async function setBlocked(client: QueryClient, user: string, blocked: boolean): Promise<void> {
  await requestNoContent(`/api/blocks/${user}`, { method: blocked ? 'PUT' : 'DELETE' });
  updateStateWith(client, user, (state) => ({ ...state, blocked }));
  if (blocked) client.invalidateQueries({ queryKey });
  else client.setQueryData<PagedList<BlockedUser>>(queryKey, (list) => list && withoutUser(list, user));
}

const withoutUser = (list: PagedList<BlockedUser>, user: string) => ({
  ...list,
  pages: list.pages.map((part) => ({ ...part, rows: part.rows.filter(({ uuid }) => uuid !== user) })),
});
