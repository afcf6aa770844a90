import { type QueryClient, useQuery } from '@tanstack/react-query';
import { request, requestMatches } from '../api/request.ts';
import type { FoundUser, User } from '../api/schema.ts';

/** The signed-in user. */
export function useMe() {
  return useQuery({ queryKey: ['me'], queryFn: ({ signal }) => request<User>('/api/me', { signal }) });
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

/** The user with this handle, and the conversation with them if there is one. @param handle undefined: no request */
export function useUser(handle: string | undefined) {
  return useQuery({
    queryKey: keyOf(handle ?? ''),
    queryFn: ({ signal }) => request<FoundUser>(`/api/users/${encodeURIComponent(handle ?? '')}/short`, { signal }),
    enabled: handle !== undefined,
    refetchOnMount: 'always', // the two users may have started a conversation since the last request
  });
}

const normalized = (text: string) => text.replace(/^@/, '').toLowerCase();

/** Whether a handle can begin with this text, which is long enough for a search. */
export const isHandlePrefix = (text: string) => /^[a-z0-9_]{2,30}$/.test(normalized(text));

/**
 * The users whose handle begins with the prefix, and whether there are more.
 * @param prefix in upper or lower case; if it cannot begin a handle, nothing is requested
 */
export function useUserSearch(prefix: string) {
  return useQuery({
    queryKey: ['users', 'prefix', normalized(prefix)],
    queryFn: ({ signal }) =>
      requestMatches<User>(`/api/users?${new URLSearchParams({ prefix: normalized(prefix) })}`, signal),
    enabled: isHandlePrefix(prefix),
    staleTime: 30_000, // new users sign up
  });
}
