import { memo } from 'react';
import type { Message } from '../api/schema.ts';
import type { UnsentMessage } from '../data/outbox.ts';
import { MessageText } from './message-text.tsx';
import { ClockTime, DayName } from './time.tsx';

/** A message that the service has stored. Above the first message of a day it also shows the heading of that day. */
export const MessageRow = memo(function MessageRow(props: {
  message: Message;
  isMine: boolean;
  isFirstOfDay: boolean;
}) {
  const { message, isMine, isFirstOfDay } = props;
  return (
    <>
      {isFirstOfDay && (
        <p className="day">
          <DayName at={message.created_at} />
        </p>
      )}
      <article className={isMine ? 'message mine' : 'message'}>
        <span className="visually-hidden">{isMine ? 'You' : message.display_name}: </span>
        {message.deleted_at ? <p className="deleted">Message deleted</p> : <MessageText text={message.message} />}
        <small>
          {message.edited_at && !message.deleted_at && 'edited '}
          <ClockTime at={message.created_at} />
        </small>
      </article>
    </>
  );
});

const states = { sending: 'Sending …', waiting: 'Waiting for a connection …' };

/** An unsent message, with its error and the buttons to retry or discard it. */
export function UnsentRow({ unsent }: { unsent: UnsentMessage }) {
  const { message, state, error, retry, discard } = unsent;
  const button = (name: string, action: () => void) => (
    <button
      type="button"
      className="link"
      onClick={({ currentTarget }) => {
        // Otherwise the focus would be lost when the button disappears.
        currentTarget.closest<HTMLElement>('.scroller')?.focus();
        action();
      }}
    >
      {name}
    </button>
  );
  return (
    <article className={`message mine ${state}`}>
      <span className="visually-hidden">You: </span>
      <MessageText text={message} />
      {state === 'failed' ? (
        <small role="alert">
          Not sent: {error?.message} {button('Send again', retry)} {button('Discard', discard)}
        </small>
      ) : (
        <small>{states[state]}</small>
      )}
    </article>
  );
}
