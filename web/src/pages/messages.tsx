import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link, Route, Switch, useRoute } from 'wouter';
import { endSession } from '../api/session.ts';
import { useUnreadCount } from '../data/inbox.ts';
import { hasUnsent } from '../data/outbox.ts';
import { usePolling } from '../data/polling.ts';
import { ConnectionNotice } from '../parts/connection-notice.tsx';
import { ErrorMessage } from '../parts/error-message.tsx';
import { Inbox } from '../parts/inbox.tsx';
import { useSignedInUser } from '../parts/require-sign-in.tsx';
import { useTitle } from '../parts/title.ts';
import { Conversation } from './conversation.tsx';
import { NewConversation } from './new-conversation.tsx';
import { Search } from './search.tsx';

/** The inbox, and beside it (on a phone: instead of it) the chosen conversation or the search. */
export function MessagesPage() {
  const me = useSignedInUser();
  const [isInbox] = useRoute('/messages');
  const [isConversation, params] = useRoute('/messages/:uuid');
  const open = isConversation && params.uuid !== 'new' ? params.uuid : undefined;
  const pollingError = usePolling(open);
  const client = useQueryClient();
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (hasUnsent(client)) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [client]);
  const signOut = useMutation({ mutationFn: endSession, retry: false, networkMode: 'always' });
  return (
    <div className="app">
      <header>
        <h1>
          <Link href="/messages">Cruddur</Link>
        </h1>
        <span>
          <bdi>{me.display_name}</bdi> <small>@{me.handle}</small>
        </span>
        <button type="button" className="link" aria-busy={signOut.isPending} onClick={() => signOut.mutate()}>
          Sign out
        </button>
      </header>
      <div className="notices">
        <ConnectionNotice error={pollingError} />
        {signOut.error && <ErrorMessage error={signOut.error} />}
      </div>
      <main className={isInbox ? 'panes at-inbox' : 'panes'}>
        <Inbox open={open} />
        <Switch>
          <Route path="/messages/new">
            <Search />
          </Route>
          <Route path="/messages/new/:handle">
            {({ handle }) => <NewConversation key={handle} handle={handle.replace(/^@/, '').toLowerCase()} />}
          </Route>
          <Route path="/messages/:uuid">{({ uuid }) => <Conversation key={uuid} uuid={uuid} />}</Route>
          <Route>
            <NothingOpen />
          </Route>
        </Switch>
      </main>
    </div>
  );
}

function NothingOpen() {
  useTitle('Messages', useUnreadCount());
  return <p className="pane nothing">Choose a conversation, or start a new one.</p>;
}
