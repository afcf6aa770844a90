import { memo } from 'react';
import type { Message } from '../api/schema.ts';
import type { UnsentMessage } from '../data/outbox.ts';
import { dayName } from '../data/times.ts';
import { MessageText } from './message-text.tsx';
import { ClockTime, useNow } from './time.tsx';

/** A message of the conversation, under the name of its day where a new one begins. */
export const MessageRow = memo(function MessageRow(props: { message: Message; isMine: boolean; beginsDay: boolean }) {
  const { message, isMine, beginsDay } = props;
  return (
    <>
      {beginsDay && <Day at={message.created_at} />}
      <article className={isMine ? 'message mine' : 'message'}>
        <span className="visually-hidden">{isMine ? 'You' : message.display_name}: </span>
        <MessageText text={message.message} />
        <small>
          <ClockTime at={message.created_at} />
        </small>
      </article>
    </>
  );
});

function Day({ at }: { at: string }) {
  const now = useNow();
  return (
    <p className="day">
      <time dateTime={at.slice(0, 10)}>{dayName(new Date(at), now)}</time>
    </p>
  );
}

const states = { sending: 'Sending …', waiting: 'Waiting for the connection …' };

/** A message that has not arrived yet, and what can be done if it cannot. */
export function UnsentRow({ unsent }: { unsent: UnsentMessage }) {
  const { message, state, error, retry, discard } = unsent;
  const button = (name: string, act: () => void) => (
    <button
      type="button"
      className="link"
      onClick={({ currentTarget }) => {
        currentTarget.closest<HTMLElement>('.scroller')?.focus(); // the button goes
        act();
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
