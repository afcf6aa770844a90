import { type QueryClient, useQuery } from '@tanstack/react-query';
import { request, requestMatches } from '../api/request.ts';
import type { FoundUser, Me, ProfileChange, User } from '../api/schema.ts';

/** The signed-in user. */
export function useMe() {
  return useQuery({ queryKey: ['me'], queryFn: ({ signal }) => request<Me>('/api/me', { signal }) });
}

/** Changes the display name or the settings of the signed-in user. @throws ApiError, SignedOutError */
export async function changeProfile(client: QueryClient, change: ProfileChange): Promise<void> {
  client.setQueryData<Me>(['me'], await request<Me>('/api/me', { method: 'PATCH', body: change }));
}

const keyOf = (handle: string) => ['users', handle];

/** A user from the cache. */
export function cachedUser(client: QueryClient, handle: string): User | undefined {
  return client.getQueryData(keyOf(handle));
}

/** Notes in the cache that the signed-in user now has a conversation with this user. */
export function addConversation(client: QueryClient, handle: string, message_group_uuid: string): void {
  client.setQueryData<FoundUser>(keyOf(handle), (user) => user && { ...user, message_group_uuid });
}

const requestUser = (handle: string, signal: AbortSignal) =>
  request<FoundUser>(`/api/users/${encodeURIComponent(handle)}/short`, { signal });

/** Fetches the user with this handle, and the conversation with them if there is one. @param signal cancels the request */
export async function fetchUser(client: QueryClient, handle: string, signal: AbortSignal): Promise<FoundUser> {
  const user = await requestUser(handle, signal);
  client.setQueryData(keyOf(handle), user);
  return user;
}

/** The user with this handle, and the conversation with them if there is one. @param handle undefined: no request */
export function useUser(handle: string | undefined) {
  return useQuery({
    queryKey: keyOf(handle ?? ''),
    queryFn: ({ signal }) => requestUser(handle ?? '', signal),
    enabled: handle !== undefined,
    refetchOnMount: 'always', // the two users may have started a conversation since the last request
  });
}

const normalized = (text: string) => text.replace(/^@/, '').toLowerCase();

/** Whether a text is long enough for a search: it has a word of two letters or digits. */
export const isSearchable = (text: string) => /[\p{L}\p{N}_]\p{M}*[\p{L}\p{N}_]/u.test(text);

/**
 * The users whose handle, or words of whose name, begin with the prefix, and whether there are more.
 * @param prefix in upper or lower case; if it is too short, nothing is requested
 */
export function useUserSearch(prefix: string) {
  return useQuery({
    queryKey: ['users', 'prefix', normalized(prefix)],
    queryFn: ({ signal }) =>
      requestMatches<User>(`/api/users?${new URLSearchParams({ prefix: normalized(prefix) })}`, signal),
    enabled: isSearchable(prefix),
    staleTime: 30_000, // new users sign up
  });
}
