import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Message, MessageGroup } from '../api/schema.ts';
import { clearUpTo, markUnread, setMuted } from '../data/conversation-changes.ts';
import { ErrorMessage } from './error-message.tsx';
import { Menu } from './menu.tsx';
import { Question } from './question.tsx';

/**
 * The menu of a conversation, for what concerns its user only.
 * @param props.newest the newest message, up to which the conversation can be cleared; undefined if there is none
 */
export function ConversationMenu({ group, newest }: { group: MessageGroup; newest: Message | undefined }) {
  const { uuid, display_name, muted } = group;
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [isAsked, setAsked] = useState(false);
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
    ...(newest ? [{ name: 'Clear …', action: () => setAsked(true) }] : []),
  ];
  return (
    <>
      <Menu label="Conversation options" items={items} />
      {isAsked && newest && (
        <Question
          title="Clear this conversation?"
          text={`You will no longer see its messages. ${display_name} still does.`}
          keep="Keep"
          confirm="Clear for me"
          onClose={() => setAsked(false)}
          onConfirm={() => mutate(() => leaveAfter(clearUpTo(client, uuid, newest)))}
        />
      )}
      {error && <ErrorMessage error={error} />}
    </>
  );
}
