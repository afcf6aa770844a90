import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useRef } from 'react';
import type { Message } from '../api/schema.ts';
import { useInboxRow, useUnreadCount } from '../data/inbox.ts';
import { send, useOutbox } from '../data/outbox.ts';
import { markRead, useThread } from '../data/thread.ts';
import { Composer } from '../parts/composer.tsx';
import { ConversationBar } from '../parts/conversation-bar.tsx';
import { ErrorMessage } from '../parts/error-message.tsx';
import { MessageList } from '../parts/message-list.tsx';
import { useSignedInUser } from '../parts/require-sign-in.tsx';
import { useTitle } from '../parts/title.ts';

/** One conversation: its messages, and the composer. */
export function Conversation({ uuid }: { uuid: string }) {
  const me = useSignedInUser();
  const client = useQueryClient();
  const { data: messages, error, refetch, hasNextPage, isFetching, fetchNextPage } = useThread(uuid);
  const other = useInboxRow(uuid) ?? messages?.find(({ user_uuid }) => user_uuid !== me.uuid);
  const toUser = useOutbox({ handle: other?.handle ?? '' }); // sent before the conversation existed
  const toConversation = useOutbox({ message_group_uuid: uuid });
  const unsent = [...toUser, ...toConversation];
  useTitle(other?.display_name ?? 'Conversation', useUnreadCount());

  const loadOlder = useCallback(() => {
    fetchNextPage({ cancelRefetch: false });
  }, [fetchNextPage]);

  const markedRead = useRef('');
  const { mutate: read } = useMutation({
    mutationFn: (newest: Message) => markRead(client, uuid, newest),
    onError: () => {
      markedRead.current = ''; // tries again when the message is next on the screen
    },
  });
  const onSeen = useCallback(
    (newest: Message) => {
      if (markedRead.current === newest.uuid) return;
      markedRead.current = newest.uuid;
      read(newest);
    },
    [read],
  );
  return (
    <section className="pane conversation" aria-labelledby="conversation-title">
      <ConversationBar name={other?.display_name} handle={other?.handle} />
      {messages ? (
        <MessageList
          messages={messages}
          unsent={unsent}
          me={me.uuid}
          label={`Messages with ${other?.display_name ?? 'this person'}`}
          loadOlder={hasNextPage && !isFetching && !error ? loadOlder : undefined}
          onSeen={onSeen}
        />
      ) : (
        <div className="thread nothing" aria-busy={!error} />
      )}
      {error && <ErrorMessage error={error} retry={messages ? loadOlder : refetch} />}
      {messages && (
        <Composer
          draftKey={uuid}
          label={`Message to ${other?.display_name ?? 'this person'}`}
          send={(text) => send(client, { message_group_uuid: uuid }, text)}
        />
      )}
    </section>
  );
}
