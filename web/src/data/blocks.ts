import { type QueryClient, useInfiniteQuery } from '@tanstack/react-query';
import { requestNoContent, requestPage } from '../api/request.ts';
import type { BlockedUser } from '../api/schema.ts';
import { updateState } from './inbox.ts';
import { allRows, type PagedList } from './paged-list.ts';

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

/**
 * Blocks a user, or no longer.
 * @param user the UUID of the user
 * @param conversation the UUID of the conversation with them, if it is known
 * @throws ApiError, SignedOutError
 */
export async function setBlocked(client: QueryClient, user: string, blocked: boolean, conversation?: string) {
  await requestNoContent(`/api/blocks/${user}`, { method: blocked ? 'PUT' : 'DELETE' });
  if (conversation) updateState(client, conversation, (state) => ({ ...state, blocked }));
  else client.invalidateQueries({ queryKey: ['message_group'] }); // one of them may be that with this user
  if (blocked) client.invalidateQueries({ queryKey });
  else client.setQueryData<PagedList<BlockedUser>>(queryKey, (list) => list && withoutUser(list, user));
}

const withoutUser = (list: PagedList<BlockedUser>, user: string) => ({
  ...list,
  pages: list.pages.map((part) => ({ ...part, rows: part.rows.filter(({ uuid }) => uuid !== user) })),
});
