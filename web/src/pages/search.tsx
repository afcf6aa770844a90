import { useEffect, useId, useRef, useState } from 'react';
import { isSearchable, useUserSearch } from '../data/users.ts';
import { BackLink } from '../parts/back-link.tsx';
import { useDebounced } from '../parts/debounced.ts';
import { ErrorMessage } from '../parts/error-message.tsx';
import { useSignedInUser } from '../parts/require-sign-in.tsx';
import { useTitle } from '../parts/title.ts';
import { UserList } from '../parts/user-list.tsx';

const delay = 150; // milliseconds without typing before a search, so that not every letter sends a request

/** Finds users to write to by the beginning of their handle or name. */
export function Search() {
  const me = useSignedInUser();
  const [typed, setTyped] = useState('');
  const prefix = useDebounced(typed.trim(), delay);
  const { data, error, isFetching, isPaused, refetch } = useUserSearch(prefix);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  useTitle('New message');
  useEffect(() => field.current?.focus(), []);

  const others = data?.rows.filter(({ uuid }) => uuid !== me.uuid);
  return (
    <section className="pane search" aria-labelledby="search-title">
      <div className="bar">
        <BackLink />
        <h2 id="search-title">New message</h2>
      </div>
      <search>
        <label htmlFor={id}>To (the beginning of a handle or a name)</label>
        <input
          ref={field}
          id={id}
          type="search"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={80}
          placeholder="@reef"
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </search>
      {error && <ErrorMessage error={error} retry={refetch} />}
      <p role="status" className="nothing" aria-busy={isFetching}>
        {isPaused && !data && 'You are offline. The search goes on when you are back online.'}
        {prefix && !isSearchable(prefix) && 'Type at least two letters of a handle or a name.'}
        {prefix &&
          others &&
          (others.length === 0
            ? 'No handle and no name begins like this. Try a shorter beginning.'
            : data?.more
              ? `The first ${others.length} are shown, and more users match. Type on to find them.`
              : `${others.length} found`)}
      </p>
      <UserList users={others} />
    </section>
  );
}
