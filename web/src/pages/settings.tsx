import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { BlockedUsers } from '../parts/blocked-users.tsx';
import { useTitle } from '../parts/title.ts';

/** What the user can change for all their conversations. */
export function SettingsPage() {
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle('Settings');
  useEffect(() => heading.current?.focus(), []);
  return (
    <main className="card">
      <h1 ref={heading} tabIndex={-1}>
        Settings
      </h1>
      <p>
        <Link href="/messages">Back to your messages</Link>
      </p>
      <BlockedUsers />
    </main>
  );
}
