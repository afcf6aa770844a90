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

/** One conversation. */
export function Conversation({ uuid }: { uuid: string }) {
  const me = useSignedInUser();
  const client = useQueryClient();
  const { data: messages, error, refetch, hasNextPage, isFetching, fetchNextPage } = useThread(uuid);
  const other = useInboxRow(uuid) ?? messages?.find(({ user_uuid }) => user_uuid !== me.uuid);
  const toThem = useOutbox({ handle: other?.handle ?? '' }); // begun before it was known that there is a conversation
  const toThis = useOutbox({ message_group_uuid: uuid });
  const unsent = [...toThem, ...toThis];
  useTitle(other?.display_name ?? 'Conversation', useUnreadCount());

  const older = useCallback(() => {
    fetchNextPage({ cancelRefetch: false });
  }, [fetchNextPage]);

  const marked = useRef('');
  const { mutate: read } = useMutation({
    mutationFn: (newest: Message) => markRead(client, uuid, newest),
    onError: () => {
      marked.current = ''; // the next time that it is on the screen
    },
  });
  const onSeen = useCallback(
    (newest: Message) => {
      if (marked.current === newest.uuid) return;
      marked.current = newest.uuid;
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
          label={`Messages with ${other?.display_name ?? 'each other'}`}
          older={hasNextPage && !isFetching && !error ? older : undefined}
          onSeen={onSeen}
        />
      ) : (
        <div className="thread nothing" aria-busy={!error} />
      )}
      {error && <ErrorMessage error={error} retry={messages ? older : refetch} />}
      {messages && (
        <Composer
          place={uuid}
          label={`Message to ${other?.display_name ?? 'the other'}`}
          send={(text) => send(client, { message_group_uuid: uuid }, text)}
        />
      )}
    </section>
  );
}
