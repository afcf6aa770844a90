import { Link } from 'wouter';
import type { User } from '../api/schema.ts';
import { Avatar } from './avatar.tsx';
import { Names } from './names.tsx';
import { UserMenu } from './user-menu.tsx';

/** Users who were found: each leads to the conversation with them, or to a new one, and has a menu. */
export function UserList({ users }: { users: User[] | undefined }) {
  return (
    <ul className="users">
      {users?.map((user) => (
        <li key={user.uuid} className="entry-row">
          <UserLink user={user} />
          <UserMenu user={user} />
        </li>
      ))}
    </ul>
  );
}

function UserLink({ user: { uuid, handle, display_name } }: { user: User }) {
  return (
    <Link href={`/messages/new/${handle}`} className="entry">
      <Avatar name={display_name} user={uuid} />
      <Names display_name={display_name} handle={handle} />
    </Link>
  );
}
