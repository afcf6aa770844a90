import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link, Route, Switch, useRoute } from 'wouter';
import { hasUnstoredDraft } from '../data/drafts.ts';
import { goLive } from '../data/live.ts';
import { completeDeletions } from '../data/message-changes.ts';
import { hasUnstoredMessage, resumeSending } from '../data/outbox.ts';
import { usePolling } from '../data/polling.ts';
import { ConnectionNotice } from '../parts/connection-notice.tsx';
import { ErrorMessage } from '../parts/error-message.tsx';
import { Inbox } from '../parts/inbox.tsx';
import { useNotifications } from '../parts/notifications.ts';
import { useSignedInUser } from '../parts/require-sign-in.tsx';
import { SignOut } from '../parts/sign-out.tsx';
import { useTitle } from '../parts/title.ts';
import { useUnreadMarks } from '../parts/unread-marks.ts';
import { Conversation } from './conversation.tsx';
import { Search } from './search.tsx';

/** The inbox, and beside it the chosen conversation or the search. On a phone only one of the two is shown. */
export function MessagesPage() {
  const me = useSignedInUser();
  const [isInbox] = useRoute('/messages');
  const [isConversation, params] = useRoute('/messages/:uuid');
  const open = isConversation && params.uuid !== 'new' ? params.uuid : undefined;
  const [isNew, recipient] = useRoute('/messages/new/:handle');
  const handle = isNew ? recipient.handle.replace(/^@/, '').toLowerCase() : undefined;
  const pollingError = usePolling(open);
  useUnreadMarks();
  useNotifications(open);
  const client = useQueryClient();
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (hasUnstoredMessage() || hasUnstoredDraft()) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, []);
  useEffect(() => goLive(client), [client]);
  useEffect(() => resumeSending(client), [client]);
  useEffect(() => completeDeletions(client), [client]);
  const [signOutError, setSignOutError] = useState<Error | null>(null);
  return (
    <div className="app">
      <header>
        <h1>
          <Link href="/messages">Cruddur</Link>
        </h1>
        <span>
          <bdi>{me.display_name}</bdi> <small>@{me.handle}</small>
        </span>
        <Link href="/settings">Settings</Link>
        <SignOut onError={setSignOutError} />
      </header>
      <div className="notices">
        <ConnectionNotice error={pollingError} />
        {signOutError && <ErrorMessage error={signOutError} />}
      </div>
      <main className={isInbox ? 'panes at-inbox' : 'panes'}>
        <Inbox open={open} />
        {open !== undefined || handle !== undefined ? (
          <Conversation uuid={open} handle={handle} />
        ) : (
          <Switch>
            <Route path="/messages/new">
              <Search />
            </Route>
            <Route>
              <NothingOpen />
            </Route>
          </Switch>
        )}
      </main>
    </div>
  );
}

function NothingOpen() {
  useTitle('Messages');
  return <p className="pane nothing">Choose a conversation, or start a new one.</p>;
}
