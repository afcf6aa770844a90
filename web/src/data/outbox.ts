import {
  type Mutation,
  onlineManager,
  type QueryClient,
  useMutationState,
  useQueryClient,
} from '@tanstack/react-query';
import { request } from '../api/request.ts';
import type { SentMessage } from '../api/schema.ts';
import { addSentToInbox } from './inbox.ts';
import { pollSoon } from './polling.ts';
import { retryDelay, shouldRetry } from './query-client.ts';
import { addSent } from './thread.ts';
import { cachedUser } from './users.ts';

/** Where a message goes: to a conversation, or to a person. */
export type Destination = { message_group_uuid: string } | { handle: string };

/** A message on its way. */
export interface OutgoingMessage {
  to: Destination;
  message: string;
  /** The `Idempotency-Key`: however often it is sent, it is stored once. */
  key: string;
}

/** A message that is not there yet, as it is shown. */
export interface UnsentMessage extends OutgoingMessage {
  state: 'sending' | 'waiting' | 'failed';
  /** Why it failed, or why the last try did. */
  error: Error | null;
  /** Sends the same message again, under the same key. */
  retry(): void;
  discard(): void;
}

type Sending = Mutation<SentMessage, Error, OutgoingMessage>;

const placeOf = (to: Destination) => ('handle' in to ? `@${to.handle}` : to.message_group_uuid);
const keyOf = (to: Destination) => ['send', placeOf(to)];

/**
 * Sends a message. It is in the outbox until it has arrived; what is refused stays there, and says why. Messages to one place are
 * sent one after the other.
 */
export function send(client: QueryClient, to: Destination, message: string): void {
  const options = {
    mutationKey: keyOf(to),
    scope: { id: `send to ${placeOf(to)}` },
    gcTime: Number.POSITIVE_INFINITY, // what failed stays until somebody has decided
    mutationFn: post,
    retry: shouldRetry,
    retryDelay,
    onSuccess: async (sent: SentMessage) => {
      addSentToInbox(client, sent, 'handle' in to ? cachedUser(client, to.handle) : undefined);
      // The message is stored. If asking for what came before it fails, the next look for news brings both.
      await addSent(client, sent).catch(() => undefined);
      pollSoon(client);
    },
  };
  const variables = { to, message, key: crypto.randomUUID() };
  const mutation = client.getMutationCache().build<SentMessage, Error, OutgoingMessage, unknown>(client, options);
  mutation.execute(variables).catch(() => undefined);
}

function post({ to, message, key }: OutgoingMessage): Promise<SentMessage> {
  return request<SentMessage>('/api/messages', {
    method: 'POST',
    body: { ...to, message },
    headers: { 'idempotency-key': key },
  });
}

/** Whether anything is on its way that is lost when the page goes. */
export function hasUnsent(client: QueryClient): boolean {
  return client
    .getMutationCache()
    .findAll({ mutationKey: ['send'] })
    .some(({ state }) => state.status !== 'success');
}

/** What was written to this place and has not arrived, in the order in which it was sent. */
export function useOutbox(to: Destination): UnsentMessage[] {
  const cache = useQueryClient().getMutationCache();
  return useMutationState({
    filters: { mutationKey: keyOf(to), exact: true, predicate: ({ state }) => state.status !== 'success' },
    select: (mutation) => {
      const sending = mutation as unknown as Sending;
      const { status, isPaused, variables, error, failureReason } = sending.state;
      return {
        ...(variables as OutgoingMessage),
        // One that waits for the one before it is paused too.
        state: status === 'error' ? 'failed' : isPaused && !onlineManager.isOnline() ? 'waiting' : 'sending',
        error: error ?? failureReason,
        retry: () => {
          sending.execute(variables as OutgoingMessage).catch(() => undefined); // it shows in the outbox
        },
        discard: () => cache.remove(mutation),
      } satisfies UnsentMessage;
    },
  });
}
