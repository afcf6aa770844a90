import { useEffect, useId, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useUnreadCount } from '../data/inbox.ts';
import { isHandlePrefix, useUserSearch } from '../data/users.ts';
import { Avatar } from '../parts/avatar.tsx';
import { ErrorMessage } from '../parts/error-message.tsx';
import { Names } from '../parts/names.tsx';
import { useSignedInUser } from '../parts/require-sign-in.tsx';
import { useTitle } from '../parts/title.ts';

const pause = 150; // milliseconds after the last letter: not every one is worth a request

/** Finds somebody to write to, by the beginning of their handle. */
export function Search() {
  const me = useSignedInUser();
  const [typed, setTyped] = useState('');
  const prefix = useSettled(typed.trim(), pause);
  const { data: people, error, isFetching, refetch } = useUserSearch(prefix);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  useTitle('New message', useUnreadCount());
  useEffect(() => field.current?.focus(), []);

  const others = people?.filter(({ uuid }) => uuid !== me.uuid);
  return (
    <section className="pane search" aria-labelledby="search-title">
      <div className="bar">
        <Link href="/messages" className="back" aria-label="Back to the messages">
          ←
        </Link>
        <h2 id="search-title">New message</h2>
      </div>
      <search>
        <label htmlFor={id}>To (a handle, or its beginning)</label>
        <input
          ref={field}
          id={id}
          type="search"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={31}
          placeholder="@reef"
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </search>
      {error && <ErrorMessage error={error} retry={refetch} />}
      <p role="status" className="nothing" aria-busy={isFetching}>
        {prefix && !isHandlePrefix(prefix) && 'A handle has letters, digits and _, and nothing else.'}
        {prefix && others && (others.length === 0 ? 'Nobody’s handle begins so.' : `${others.length} found`)}
      </p>
      <ul className="people">
        {others?.map(({ uuid, handle, display_name }) => (
          <li key={uuid}>
            <Link href={`/messages/new/${handle}`} className="group">
              <Avatar name={display_name} />
              <Names display_name={display_name} handle={handle} />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A value once it has stayed the same for a while. @param still milliseconds */
function useSettled<Value>(value: Value, still: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), still);
    return () => clearTimeout(timer);
  }, [value, still]);
  return settled;
}
