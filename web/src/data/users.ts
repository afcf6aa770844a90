import { type QueryClient, useQuery } from '@tanstack/react-query';
import { request } from '../api/request.ts';
import type { User } from '../api/schema.ts';

/** Who is signed in. */
export function useMe() {
  return useQuery({ queryKey: ['me'], queryFn: ({ signal }) => request<User>('/api/me', { signal }) });
}

const keyOf = (handle: string) => ['users', handle];

/** Somebody who has been looked up already. */
export function cachedUser(client: QueryClient, handle: string): User | undefined {
  return client.getQueryData(keyOf(handle));
}

/** Who somebody is, by their handle. */
export function useUser(handle: string) {
  return useQuery({
    queryKey: keyOf(handle),
    queryFn: ({ signal }) => request<User>(`/api/users/${encodeURIComponent(handle)}/short`, { signal }),
  });
}

const beginning = (text: string) => text.replace(/^@/, '').toLowerCase();

/** Whether anybody's handle can begin so. */
export const isHandlePrefix = (text: string) => /^[a-z0-9_]{1,30}$/.test(beginning(text));

/** Whose handle starts so. @param prefix a beginning of a handle, in any case, or what can be none */
export function useUserSearch(prefix: string) {
  return useQuery({
    queryKey: ['users', 'prefix', beginning(prefix)],
    queryFn: ({ signal }) =>
      request<User[]>(`/api/users?${new URLSearchParams({ prefix: beginning(prefix) })}`, { signal }),
    enabled: isHandlePrefix(prefix),
    staleTime: 30_000, // somebody may have joined
  });
}
