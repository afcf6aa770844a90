import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Message, MessageGroup } from '../api/schema.ts';
import { relationIn, setBlocked } from '../data/blocks.ts';
import { clearUpTo, markUnread, setMuted } from '../data/conversation-changes.ts';
import { BlockQuestion } from './block-question.tsx';
import { ErrorMessage } from './error-message.tsx';
import { Menu } from './menu.tsx';
import { Question } from './question.tsx';
import { ReportDialog } from './report-dialog.tsx';

type Newest = Pick<Message, 'created_at'>;

/**
 * The menu of a conversation, for what its user decides alone.
 * @param props.label names the menu
 * @param props.isBlocked whether the user blocks the other one; undefined to ask the service for it when the menu opens
 * @param props.newest the newest message, up to which the conversation can be cleared; undefined if there is none
 */
export function ConversationMenu(props: {
  label?: string;
  group: MessageGroup;
  isBlocked?: boolean;
  newest: Newest | undefined;
}) {
  const { label = 'Conversation options', group, newest } = props;
  const { uuid, user_uuid, display_name, muted } = group;
  const client = useQueryClient();
  const [path, navigate] = useLocation();
  const [asked, setAsked] = useState<'clear' | 'block' | 'report'>();
  const [wasBlocked, setWasBlocked] = useState(false); // when the menu was opened
  const isBlocked = props.isBlocked ?? wasBlocked;
  const { mutate, error } = useMutation({
    mutationFn: (change: () => Promise<void>) => change(),
    retry: false, // the user decides
    networkMode: 'always',
  });
  // Leaves the conversation if it is open: otherwise it would look read, or show nothing.
  const leaveAfter = async (change: Promise<void>) => {
    await change;
    if (path === `/messages/${uuid}`) navigate('/messages');
  };
  const itemsFor = (blocked: boolean) => [
    { name: muted ? 'Unmute' : 'Mute', action: () => mutate(() => setMuted(client, uuid, !muted)) },
    { name: 'Mark as unread', action: () => mutate(() => leaveAfter(markUnread(client, uuid))) },
    ...(newest ? [{ name: 'Clear …', action: () => setAsked('clear') }] : []),
    blocked
      ? { name: 'Unblock', action: () => mutate(() => setBlocked(client, user_uuid, false)) }
      : { name: 'Block …', action: () => setAsked('block') },
    { name: 'Report …', action: () => setAsked('report') },
  ];
  const askThenItems = async () => {
    const relation = await relationIn(client, uuid);
    setWasBlocked(relation.isBlocked);
    return itemsFor(relation.isBlocked);
  };
  const close = () => setAsked(undefined);
  return (
    <>
      <Menu label={label} items={() => (props.isBlocked === undefined ? askThenItems() : itemsFor(isBlocked))} />
      {asked === 'block' && (
        <BlockQuestion
          name={display_name}
          onClose={close}
          onConfirm={() => mutate(() => setBlocked(client, user_uuid, true))}
        />
      )}
      {asked === 'clear' && newest && (
        <ClearQuestion
          name={display_name}
          newest={newest}
          onClose={close}
          onConfirm={(upTo) => mutate(() => leaveAfter(clearUpTo(client, uuid, upTo)))}
        />
      )}
      {asked === 'report' && <ReportDialog group={group} isBlocked={isBlocked} onClose={close} />}
      {error && <ErrorMessage error={error} />}
    </>
  );
}

function ClearQuestion(props: {
  name: string;
  newest: Newest;
  onClose: () => void;
  onConfirm: (upTo: Newest) => void;
}) {
  const { name, newest, onClose, onConfirm } = props;
  const [upTo] = useState(newest); // a message that arrives while the question is open has not been seen, and stays
  return (
    <Question
      title="Clear this conversation?"
      text={`You will no longer see its messages. ${name} still does.`}
      keep="Keep"
      confirm="Clear for me"
      onClose={onClose}
      onConfirm={() => onConfirm(upTo)}
    />
  );
}
