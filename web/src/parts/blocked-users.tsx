import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { setBlocked, useBlocks } from '../data/blocks.ts';
import { ErrorMessage } from './error-message.tsx';
import { Names } from './names.tsx';

/** The users whom the signed-in user blocks, each with a button to unblock them. */
export function BlockedUsers() {
  const client = useQueryClient();
  const { data, error, hasNextPage, fetchNextPage, refetch } = useBlocks();
  const heading = useRef<HTMLHeadingElement>(null);
  const unblock = useMutation({
    mutationFn: (user: string) => setBlocked(client, user, false),
    retry: false, // the user decides
    networkMode: 'always',
    onSuccess: () => heading.current?.focus(), // otherwise the focus would be lost with the button
  });
  return (
    <section aria-labelledby="blocked-users">
      <h2 id="blocked-users" ref={heading} tabIndex={-1}>
        Blocked users
      </h2>
      {data?.length === 0 && <p>You have not blocked any user. The menu of a conversation does.</p>}
      <ul className="blocked-users" aria-busy={!data && !error}>
        {data?.map((user) => (
          <li key={user.uuid}>
            <Names display_name={user.display_name} handle={user.handle} />
            <button
              type="button"
              className="secondary"
              aria-label={`Unblock @${user.handle}`}
              onClick={() => unblock.mutate(user.uuid)}
            >
              Unblock
            </button>
          </li>
        ))}
      </ul>
      {hasNextPage && !error && (
        <button type="button" className="secondary" onClick={() => fetchNextPage()}>
          Show more
        </button>
      )}
      {unblock.error && <ErrorMessage error={unblock.error} />}
      {error && <ErrorMessage error={error} retry={data ? fetchNextPage : refetch} />}
    </section>
  );
}
