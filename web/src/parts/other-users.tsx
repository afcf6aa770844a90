import { useUserSearch } from '../data/users.ts';
import { useDebounced } from './debounced.ts';
import { ErrorMessage } from './error-message.tsx';
import { UserList } from './user-list.tsx';

const delay = 300; // milliseconds without typing before a search

/**
 * The users that a text finds, below the conversations that it finds.
 * @param props.known the UUIDs of the users who are shown already, and of the signed-in one
 */
export function OtherUsers({ text, known }: { text: string; known: ReadonlySet<string> }) {
  const prefix = useDebounced(text.trim(), delay);
  const { data, error, refetch } = useUserSearch(prefix);
  const others = data?.rows.filter(({ uuid }) => !known.has(uuid)) ?? [];
  if (error) return <ErrorMessage error={error} retry={refetch} />;
  if (others.length === 0) return null;
  return (
    <section aria-labelledby="other-users">
      <h3 id="other-users">Other users</h3>
      <UserList users={others} />
      {data?.more && <p className="nothing">More users match. Type on to find them.</p>}
    </section>
  );
}
