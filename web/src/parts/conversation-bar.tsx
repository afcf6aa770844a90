import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { Avatar } from './avatar.tsx';
import { hasKeyboard } from './keyboard.ts';

/** Whom one writes to, and on a phone the way back. */
export function ConversationBar({ name, handle }: { name: string | undefined; handle: string | undefined }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!hasKeyboard()) title.current?.focus(); // with one, the focus is where one writes
  }, []);
  return (
    <div className="bar">
      <Link href="/messages" className="back" aria-label="Back to the messages">
        ←
      </Link>
      {name && <Avatar name={name} />}
      <h2 id="conversation-title" ref={title} tabIndex={-1}>
        <bdi>{name ?? 'Conversation'}</bdi> {handle && <small>@{handle}</small>}
      </h2>
    </div>
  );
}
