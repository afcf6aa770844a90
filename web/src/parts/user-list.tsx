import { Link } from 'wouter';
import type { User } from '../api/schema.ts';
import { Avatar } from './avatar.tsx';
import { Names } from './names.tsx';

/** Leads to the conversation with a user who was found, or to a new one. */
export function UserLink({ user: { uuid, handle, display_name } }: { user: User }) {
  return (
    <Link href={`/messages/new/${handle}`} className="entry">
      <Avatar name={display_name} user={uuid} />
      <Names display_name={display_name} handle={handle} />
    </Link>
  );
}
