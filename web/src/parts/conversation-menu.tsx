import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Message, MessageGroup } from '../api/schema.ts';
import { setBlocked } from '../data/blocks.ts';
import { clearUpTo, markUnread, setMuted } from '../data/conversation-changes.ts';
import { ErrorMessage } from './error-message.tsx';
import { Menu } from './menu.tsx';
import { Question } from './question.tsx';

/**
 * The menu of a conversation, for what its user decides alone.
 * @param props.newest the newest message, up to which the conversation can be cleared; undefined if there is none
 */
export function ConversationMenu(props: { group: MessageGroup; isBlocked: boolean; newest: Message | undefined }) {
  const { group, isBlocked, newest } = props;
  const { uuid, user_uuid, display_name, muted } = group;
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [asked, setAsked] = useState<'clear' | 'block'>();
  const { mutate, error } = useMutation({
    mutationFn: (change: () => Promise<void>) => change(),
    retry: false, // the user decides
    networkMode: 'always',
  });
  const leaveAfter = (change: Promise<void>) => change.then(() => navigate('/messages'));
  const items = () => [
    { name: muted ? 'Unmute' : 'Mute', action: () => mutate(() => setMuted(client, uuid, !muted)) },
    // Leaves the conversation, which would otherwise look read.
    { name: 'Mark as unread', action: () => mutate(() => leaveAfter(markUnread(client, uuid))) },
    ...(newest ? [{ name: 'Clear …', action: () => setAsked('clear') }] : []),
    isBlocked
      ? { name: 'Unblock', action: () => mutate(() => setBlocked(client, user_uuid, false)) }
      : { name: 'Block …', action: () => setAsked('block') },
  ];
  return (
    <>
      <Menu label="Conversation options" items={items} />
      {asked === 'block' && (
        <Question
          title={`Block ${display_name}?`}
          text="Neither of you can write to the other then. They are not told. You can unblock them at any time."
          keep="Cancel"
          confirm="Block"
          onClose={() => setAsked(undefined)}
          onConfirm={() => mutate(() => setBlocked(client, user_uuid, true))}
        />
      )}
      {asked === 'clear' && newest && (
        <Question
          title="Clear this conversation?"
          text={`You will no longer see its messages. ${display_name} still does.`}
          keep="Keep"
          confirm="Clear for me"
          onClose={() => setAsked(undefined)}
          onConfirm={() => mutate(() => leaveAfter(clearUpTo(client, uuid, newest)))}
        />
      )}
      {error && <ErrorMessage error={error} />}
    </>
  );
}
