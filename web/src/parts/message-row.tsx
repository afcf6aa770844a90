import { useQueryClient } from '@tanstack/react-query';
import { memo, type ReactNode, useLayoutEffect, useRef } from 'react';
import type { Message } from '../api/schema.ts';
import { deleteMessage, isDeleted, isEditable, undoDeletion, useDeletion } from '../data/message-changes.ts';
import type { UnsentMessage } from '../data/outbox.ts';
import { clockTime } from '../data/times.ts';
import { Avatar } from './avatar.tsx';
import { EditForm } from './edit-form.tsx';
import { Menu } from './menu.tsx';
import { MessageText } from './message-text.tsx';
import { ClockTime, DayName } from './time.tsx';

interface RowProps {
  /** The UUID of the conversation. */
  uuid: string;
  message: Message;
  /** The UUID of the signed-in user. */
  me: string;
  isFirstOfDay: boolean;
  /** Whether it shows its sender: the first of several messages that one user has sent one after another. */
  isFirstOfGroup: boolean;
  /** Whether it is the newest message that is not deleted: the Tab key reaches its menu. */
  isNewest: boolean;
  /** What became of the user's own message; undefined for the other user's, and when one of the two shows no receipts. */
  receipt: 'sent' | 'seen' | undefined;
  /** Whether the line above which everything is read stands before it. */
  isFirstUnread: boolean;
  isEdited: boolean;
  /** Begins to edit the message, or ends it. */
  setEdited: (message: Message | undefined) => void;
  /** Begins to report a message of the other user. */
  report: (message: Message) => void;
}

/** A message that the service has stored. Above the first message of a day it also shows the heading of that day. */
export const MessageRow = memo(function MessageRow(props: RowProps) {
  const { uuid, message, isFirstOfDay, isFirstUnread, isEdited, setEdited } = props;
  return (
    <>
      {isFirstOfDay && (
        <p className="day">
          <DayName at={message.created_at} />
        </p>
      )}
      {isFirstUnread && (
        <p className="first-unread">
          <span>New</span>
        </p>
      )}
      {isEdited ? <EditForm uuid={uuid} message={message} onEnd={() => setEdited(undefined)} /> : <Stored {...props} />}
    </>
  );
});

function Stored({ uuid, message, me, isFirstOfGroup, isNewest, receipt, setEdited, report }: RowProps) {
  const client = useQueryClient();
  const isMine = message.user_uuid === me;
  const deletion = useDeletion(message.uuid);
  const isGone = isDeleted(message, deletion);
  const showsSender = isFirstOfGroup && !isMine;
  const items = () =>
    isMine
      ? [
          ...(isEditable(message) ? [{ name: 'Edit', action: () => setEdited(message) }] : []),
          { name: 'Delete', action: () => deleteMessage(client, uuid, message) },
        ]
      : [{ name: 'Report …', action: () => report(message) }];
  return (
    <div className={`row ${isMine ? 'mine' : 'theirs'} ${isFirstOfGroup ? 'first' : ''}`}>
      {showsSender && <Avatar name={message.display_name} user={message.user_uuid} />}
      <article className={isMine ? 'message mine' : 'message'}>
        <span className={showsSender ? 'sender' : 'visually-hidden'}>
          {isMine ? 'You' : message.display_name}
          <span className="visually-hidden">: </span>
        </span>
        {isGone ? (
          <p className="deleted" data-text="">
            Message deleted
          </p>
        ) : (
          <MessageText text={message.message} />
        )}
        <small>
          {message.edited_at && !isGone && 'edited '}
          <ClockTime at={message.created_at} />
          {receipt && !isGone && <Ticks receipt={receipt} />}
        </small>
        {deletion?.state === 'failed' && (
          <small role="alert">
            Not deleted: {deletion.error?.message}{' '}
            <RowButton action={() => deleteMessage(client, uuid, message)}>Delete again</RowButton>{' '}
            <RowButton action={() => undoDeletion(message.uuid)}>Keep</RowButton>
          </small>
        )}
      </article>
      {deletion?.state === 'undoable' && (
        <RowButton takesFocus action={() => undoDeletion(message.uuid)}>
          Undo
        </RowButton>
      )}
      {!isGone && <Menu label="Message options" items={items} isTabStop={isNewest} />}
    </div>
  );
}

/** One tick: the service has stored the message. Two: the other user has seen it. */
function Ticks({ receipt }: { receipt: 'sent' | 'seen' }) {
  const name = receipt === 'seen' ? 'Seen' : 'Sent';
  return (
    <span className={`ticks ${receipt}`} title={name}>
      {' '}
      <span aria-hidden="true">{receipt === 'seen' ? '✓✓' : '✓'}</span>
      <span className="visually-hidden">{name}</span>
    </span>
  );
}

const soon = (until: number) => (until - Date.now() < 60_000 ? 'in a moment' : `at ${clockTime(new Date(until))}`);

const states = { sending: 'Sending …', waiting: 'Waiting for a connection …' };

/** An unsent message, with its error and the buttons to retry or discard it. */
export function UnsentRow({ unsent }: { unsent: UnsentMessage }) {
  const { message, state, error, until = 0, retry, discard } = unsent;
  return (
    <article className={`message mine ${state}`}>
      <span className="visually-hidden">You: </span>
      <MessageText text={message} />
      {state === 'failed' ? (
        <small role="alert">
          Not sent: {error?.message} <RowButton action={retry}>Send again</RowButton>{' '}
          <RowButton action={discard}>Discard</RowButton>
        </small>
      ) : state === 'limited' ? (
        <small role="status">Not sent yet: too many messages in a short time. It goes by itself {soon(until)}.</small>
      ) : (
        <small>{states[state]}</small>
      )}
    </article>
  );
}

/**
 * A button that disappears with what it does, or by itself. Then the focus goes to the list of messages instead of being lost.
 * @param props.takesFocus whether it takes the focus when it appears
 */
function RowButton(props: { action: () => void; takesFocus?: boolean; children: ReactNode }) {
  const { action, takesFocus, children } = props;
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const { current } = button;
    if (takesFocus) current?.focus({ preventScroll: true });
    return () => {
      if (document.activeElement === current)
        current?.closest<HTMLElement>('.scroller')?.focus({ preventScroll: true });
    };
  }, [takesFocus]);
  return (
    <button ref={button} type="button" className="link" onClick={action}>
      {children}
    </button>
  );
}
