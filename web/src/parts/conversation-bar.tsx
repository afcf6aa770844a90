import { useEffect, useRef } from 'react';
import { Avatar } from './avatar.tsx';
import { BackLink } from './back-link.tsx';
import { hasKeyboard } from './keyboard.ts';

/** The name of the other participant, and on a phone also the link back to the inbox. */
export function ConversationBar({ name, handle }: { name: string | undefined; handle: string | undefined }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!hasKeyboard()) title.current?.focus(); // with a keyboard, the composer takes the focus
  }, []);
  return (
    <div className="bar">
      <BackLink />
      {name && <Avatar name={name} />}
      <h2 id="conversation-title" ref={title} tabIndex={-1}>
        <bdi>{name ?? 'Conversation'}</bdi> {handle && <small>@{handle}</small>}
      </h2>
    </div>
  );
}
