import { type QueryClient, useInfiniteQuery } from '@tanstack/react-query';
import { requestNoContent, requestPage } from '../api/request.ts';
import type { BlockedUser } from '../api/schema.ts';
import { updateStateWith } from './inbox.ts';
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
