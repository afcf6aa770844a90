import { type ReactNode, useEffect, useRef } from 'react';
import { Avatar } from './avatar.tsx';
import { BackLink } from './back-link.tsx';
import { hasKeyboard } from './keyboard.ts';
import { Muted } from './muted.tsx';

/**
 * The name of the other participant, and on a phone also the link back to the inbox.
 * @param props.user the UUID of the other participant
 * @param props.isMuted whether the user has muted the conversation
 * @param props.children the menu of the conversation
 */
export function ConversationBar(props: {
  name: string | undefined;
  user: string | undefined;
  handle: string | undefined;
  isMuted: boolean;
  children: ReactNode;
}) {
  const { name, user, handle, isMuted, children } = props;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!hasKeyboard()) title.current?.focus(); // with a keyboard, the composer takes the focus
  }, []);
  return (
    <div className="bar">
      <BackLink />
      {name && user && <Avatar name={name} user={user} />}
      <h2 id="conversation-title" ref={title} tabIndex={-1}>
        <bdi>{name ?? 'Conversation'}</bdi> {handle && <small>@{handle}</small>} {isMuted && <Muted />}
      </h2>
      {children}
    </div>
  );
}
