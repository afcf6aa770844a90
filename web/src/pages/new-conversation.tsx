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

/** The first message to a user. Redirects to the conversation if there is one. */
export function NewConversation({ handle }: { handle: string }) {
  const client = useQueryClient();
  const me = useSignedInUser();
  const { data: user, error, refetch } = useUser(handle);
  const unsent = useOutbox({ handle });
  const existing = useInbox().data?.find((row) => row.handle === handle);
  useTitle(user ? `New message to ${user.display_name}` : 'New message', useUnreadCount());

  // The first stored message creates the conversation. Its page shows the unsent messages too.
  if (existing) return <Redirect to={`/messages/${existing.uuid}`} replace />;
  const isMe = user?.uuid === me.uuid;
  return (
    <section className="pane conversation" aria-labelledby="conversation-title">
      <ConversationBar name={user?.display_name} handle={handle} />
      <div className="thread">
        <div className="scroller" tabIndex={-1}>
          <div className="filler" />
          {user && !isMe && unsent.length === 0 && (
            <p className="nothing">
              This is the beginning of your conversation with <bdi>{user.display_name}</bdi>.
            </p>
          )}
          {isMe && <p className="nothing">This is your own handle. Choose another person to write to.</p>}
          {!user && !error && <p className="nothing" aria-busy="true" />}
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
      {user && !isMe && (
        <Composer
          draftKey={`@${handle}`}
          label={`Message to ${user.display_name}`}
          send={(text) => send(client, { handle }, text)}
        />
      )}
    </section>
  );
}
