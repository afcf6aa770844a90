import { useQueryClient } from '@tanstack/react-query';
import { Redirect } from 'wouter';
import { useInbox, useUnreadCount } from '../data/inbox.ts';
import { send, useOutbox } from '../data/outbox.ts';
import { useUser } from '../data/users.ts';
import { Composer } from '../parts/composer.tsx';
import { ConversationBar } from '../parts/conversation-bar.tsx';
import { ErrorMessage } from '../parts/error-message.tsx';
import { UnsentRow } from '../parts/message-row.tsx';
import { useSignedInUser } from '../parts/require-sign-in.tsx';
import { useTitle } from '../parts/title.ts';

/** The first message to somebody. Who has a conversation with them already comes to that one. */
export function NewConversation({ handle }: { handle: string }) {
  const client = useQueryClient();
  const me = useSignedInUser();
  const { data: person, error, refetch } = useUser(handle);
  const unsent = useOutbox({ handle });
  const known = useInbox().data?.find((group) => group.handle === handle);
  useTitle(person ? `New message to ${person.display_name}` : 'New message', useUnreadCount());

  // The first message that arrives makes it known; what has not arrived is shown there as well.
  if (known) return <Redirect to={`/messages/${known.uuid}`} replace />;
  const isMe = person?.uuid === me.uuid;
  return (
    <section className="pane conversation" aria-labelledby="conversation-title">
      <ConversationBar name={person?.display_name} handle={handle} />
      <div className="thread">
        <div className="scroller" tabIndex={-1}>
          <div className="filler" />
          {person && !isMe && unsent.length === 0 && (
            <p className="nothing">
              This is the beginning of your conversation with <bdi>{person.display_name}</bdi>.
            </p>
          )}
          {isMe && <p className="nothing">This is you. Messages go to somebody else.</p>}
          {!person && !error && <p className="nothing" aria-busy="true" />}
          <ol>
            {unsent.map((each) => (
              <li key={each.key}>
                <UnsentRow unsent={each} />
              </li>
            ))}
          </ol>
        </div>
      </div>
      {error && <ErrorMessage error={error} retry={refetch} />}
      {person && !isMe && (
        <Composer
          place={`@${handle}`}
          label={`Message to ${person.display_name}`}
          send={(text) => send(client, { handle }, text)}
        />
      )}
    </section>
  );
}
