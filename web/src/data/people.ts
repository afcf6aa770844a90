import { type QueryClient, useQuery } from '@tanstack/react-query';
import { request } from '../api/request.ts';
import type { Person } from '../api/shapes.ts';

/** Who is signed in. */
export function useMe() {
  return useQuery({ queryKey: ['me'], queryFn: ({ signal }) => request<Person>('/api/me', { signal }) });
}

const keyOf = (handle: string) => ['users', handle];

/** Somebody who has been looked up already. */
export function knownPerson(client: QueryClient, handle: string): Person | undefined {
  return client.getQueryData(keyOf(handle));
}

/** Who somebody is, by their handle. */
export function usePerson(handle: string) {
  return useQuery({
    queryKey: keyOf(handle),
    queryFn: ({ signal }) => request<Person>(`/api/users/${encodeURIComponent(handle)}/short`, { signal }),
  });
}

const beginning = (text: string) => text.replace(/^@/, '').toLowerCase();

/** Whether anybody's handle can begin so. */
export const isPrefix = (text: string) => /^[a-z0-9_]{1,30}$/.test(beginning(text));

/** Whose handle starts so. @param prefix a beginning of a handle, in any case, or what can be none */
export function usePeople(prefix: string) {
  return useQuery({
    queryKey: ['users', 'prefix', beginning(prefix)],
    queryFn: ({ signal }) =>
      request<Person[]>(`/api/users?${new URLSearchParams({ prefix: beginning(prefix) })}`, { signal }),
    enabled: isPrefix(prefix),
    staleTime: 30_000, // somebody may have joined
  });
}
