import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Message } from '../api/schema.ts';
import { firstUnread, lacksMessages, type Opened } from '../data/first-unread.ts';
import { useInbox, useMessageGroup } from '../data/inbox.ts';
import { lastEditable } from '../data/message-changes.ts';
import { confirmStored, send, sendAwaitingReply, useOutbox } from '../data/outbox.ts';
import { hasReceipts, markRead, seenCount, useThread } from '../data/thread.ts';
import { tellTyping } from '../data/typing.ts';
import { useUser } from '../data/users.ts';
import { BlockedNotice } from '../parts/blocked-notice.tsx';
import { Composer } from '../parts/composer.tsx';
import { ConversationBar } from '../parts/conversation-bar.tsx';
import { ConversationMenu } from '../parts/conversation-menu.tsx';
import { ErrorMessage } from '../parts/error-message.tsx';
import { hasKeyboard } from '../parts/keyboard.ts';
import { MessageList } from '../parts/message-list.tsx';
import { UnsentRow } from '../parts/message-row.tsx';
import { ReportDialog } from '../parts/report-dialog.tsx';
import { useSignedInUser } from '../parts/require-sign-in.tsx';
import { useTitle } from '../parts/title.ts';
import { TypingNotice } from '../parts/typing.tsx';
import { UserMenu } from '../parts/user-menu.tsx';

const mostBeforeOpening = 150; // messages that are loaded to open the list at the first unread one; if it is older, it opens at the end

/**
 * A conversation: its messages, and the composer. If there is no conversation with the user yet, the composer writes
 * its first message. This one component serves both paths and is identified by the other user. So when the first
 * message creates the conversation and the path changes, React mounts nothing again, and a user who goes on typing
 * loses no letter.
 * @param props.uuid of the conversation, on the path `/messages/<uuid>`
 * @param props.handle of the other user, on the path `/messages/new/<handle>`
 */
export function Conversation(props: { uuid: string | undefined; handle: string | undefined }) {
  const me = useSignedInUser();
  const client = useQueryClient();
  const [, navigate] = useLocation();

  const { data: inbox, error: inboxError } = useInbox();
  const row = inbox?.find(({ uuid, handle }) => uuid === props.uuid || handle === props.handle);
  const user = useUser(props.handle);
  const uuid = props.uuid ?? row?.uuid ?? user.data?.message_group_uuid;
  const state = useMessageGroup(uuid, inbox !== undefined && !row); // a poll brings that of a listed conversation
  const group = row ?? state.data;
  const other = group ?? user.data;
  const isBlocked = state.data?.blocked === true;
  const isMe = other?.handle === me.handle;
  const isNamed = group !== undefined; // so the path `/messages/<uuid>`, which has no handle, can show the name too
  useEffect(() => {
    if (props.uuid === undefined && uuid !== undefined && isNamed) navigate(`/messages/${uuid}`, { replace: true });
  }, [props.uuid, uuid, isNamed, navigate]);

  const thread = useThread(uuid);
  const { data: messages, hasNextPage, isFetching, fetchNextPage } = thread;
  const [opened, setOpened] = useState<Opened>();
  if (group && group.uuid === uuid && opened?.uuid !== uuid) setOpened(group);
  const known = opened?.uuid === uuid ? opened : undefined;
  const unreadFrom = messages && firstUnread(messages, me.uuid, known);
  const error = thread.error ?? state.error ?? user.error;
  const handle = other?.handle ?? '';
  const unsent = useOutbox(handle, messages);
  useEffect(() => {
    if (uuid && messages) confirmStored(client, { handle, message_group_uuid: uuid }, messages);
  }, [client, handle, uuid, messages]);
  const answer = messages?.findLast(({ user_uuid }) => user_uuid !== me.uuid)?.uuid;
  useEffect(() => {
    if (answer !== undefined) sendAwaitingReply(client, handle);
  }, [client, handle, answer]);
  const title = props.uuid === undefined && other ? `New message to ${other.display_name}` : other?.display_name;
  useTitle(title ?? 'Conversation');

  const loadOlder = useCallback(() => {
    fetchNextPage({ cancelRefetch: false });
  }, [fetchNextPage]);
  // The list opens at the first unread message, so that one is loaded before the list is shown.
  const firstOfOther = messages?.find(({ user_uuid }) => user_uuid !== me.uuid)?.sender_seq ?? 0;
  const isUnreadAbove =
    unreadFrom !== undefined &&
    unreadFrom < firstOfOther &&
    (messages?.length ?? 0) < mostBeforeOpening &&
    hasNextPage &&
    !error;
  useEffect(() => {
    if (isUnreadAbove && !isFetching) loadOlder();
  }, [isUnreadAbove, isFetching, loadOlder]);
  const isReady = known !== undefined || inboxError !== null || state.error !== null;
  const retry = () => {
    if (messages) loadOlder();
    else for (const query of [thread, state, user]) if (query.error) query.refetch();
  };

  const markedRead = useRef('');
  const { mutate: read } = useMutation({
    mutationFn: (newest: Message) => markRead(client, uuid ?? '', newest),
    onError: () => {
      markedRead.current = ''; // makes the page try again when it next shows the message
    },
  });
  // Until the newest message is loaded that was known at opening, it is not known where the list opens.
  const isOpening = lacksMessages(messages ?? [], known);
  const onSeen = useCallback(
    (newest: Message) => {
      if (isOpening || markedRead.current === newest.uuid) return;
      markedRead.current = newest.uuid;
      read(newest);
    },
    [read, isOpening],
  );

  const composer = useRef<HTMLTextAreaElement>(null);
  const [edited, edit] = useState<string>();
  const setEdited = useCallback((message: Message | undefined) => {
    edit(message?.uuid);
    if (!message && hasKeyboard()) composer.current?.focus({ preventScroll: true });
  }, []);
  const [reported, setReported] = useState<Message>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation ends the editing
  useEffect(() => () => edit(undefined), [uuid]);
  return (
    <section className="pane conversation" aria-labelledby="conversation-title">
      <ConversationBar
        key={`bar of ${other?.handle ?? props.handle ?? uuid}`}
        name={other?.display_name}
        user={group?.user_uuid ?? user.data?.uuid}
        handle={other?.handle ?? props.handle}
        isMuted={group?.muted === true}
      >
        {group ? (
          <ConversationMenu key={group.uuid} group={group} isBlocked={isBlocked} newest={messages?.at(-1)} />
        ) : (
          user.data && !isMe && <UserMenu key={user.data.uuid} user={user.data} isOpen />
        )}
      </ConversationBar>
      {error && !other ? undefined : uuid === undefined ? (
        <FirstMessages
          name={isMe || user.isFetching || user.error ? undefined : user.data?.display_name}
          isMe={isMe}
          isLoading={!other && !error}
        >
          {unsent.map((each) => (
            <li key={each.key}>
              <UnsentRow unsent={each} />
            </li>
          ))}
        </FirstMessages>
      ) : messages?.length === 0 && unsent.length === 0 ? (
        <p className="thread nothing">You have cleared this conversation. New messages appear here.</p>
      ) : messages && isReady && !isUnreadAbove ? (
        <MessageList
          key={`messages of ${uuid}`}
          uuid={uuid}
          messages={messages}
          unsent={unsent}
          me={me.uuid}
          label={`Messages with ${other?.display_name ?? 'this user'}`}
          seen={seenCount(state.data, messages)}
          hasReceipts={me.read_receipts && hasReceipts(state.data, messages)}
          firstUnread={unreadFrom}
          edited={edited}
          setEdited={setEdited}
          report={setReported}
          loadOlder={hasNextPage && !isFetching && !error ? loadOlder : undefined}
          onSeen={onSeen}
        />
      ) : (
        <div className="thread nothing" aria-busy={!error} />
      )}
      {error && (
        <ErrorMessage error={error} retry={retry}>
          <p>
            <Link href="/messages/new">Search for a user</Link> or <Link href="/messages">go to your messages</Link>.
          </p>
        </ErrorMessage>
      )}
      {uuid && other && <TypingNotice uuid={uuid} name={other.display_name} />}
      {group && reported && (
        <ReportDialog group={group} message={reported} isBlocked={isBlocked} onClose={() => setReported(undefined)} />
      )}
      {group && isBlocked && <BlockedNotice name={group.display_name} user={group.user_uuid} />}
      {other && !isMe && !isBlocked && (
        <Composer
          key={`composer to ${other.handle}`}
          handle={other.handle}
          label={`Message to ${other.display_name}`}
          field={composer}
          onTyping={() => uuid && me.read_receipts && tellTyping(uuid)}
          editLast={() => setEdited(lastEditable(messages ?? [], me.uuid))}
          send={(text) => send(client, { handle: other.handle, message_group_uuid: uuid }, text)}
        />
      )}
    </section>
  );
}

/**
 * Stands in place of the messages while there are none.
 * @param props.name of the other user, once the service has answered
 */
function FirstMessages(props: { name: string | undefined; isMe: boolean; isLoading: boolean; children: ReactNode[] }) {
  const { name, isMe, isLoading, children } = props;
  return (
    <div className="thread">
      <div className="scroller" tabIndex={-1}>
        <div className="filler" />
        {name !== undefined && children.length === 0 && (
          <p className="nothing">
            This is the beginning of your conversation with <bdi>{name}</bdi>.
          </p>
        )}
        {isMe && <p className="nothing">This is your own handle. Choose another user to write to.</p>}
        {isLoading && <p className="nothing" aria-busy="true" />}
        <ol>{children}</ol>
      </div>
    </div>
  );
}
