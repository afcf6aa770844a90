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
import { addSentToThread } from './thread.ts';
import { cachedUser } from './users.ts';

/** Where a message goes: to a conversation, or to a user with whom there is none yet. */
export type Destination = { message_group_uuid: string } | { handle: string };

/** A message to send. */
export interface OutgoingMessage {
  to: Destination;
  message: string;
  /** The `Idempotency-Key`: repeated requests store the message once. */
  key: string;
}

/** A message that the service has not confirmed yet, as the page shows it. */
export interface UnsentMessage extends OutgoingMessage {
  state: 'sending' | 'waiting' | 'failed';
  /** The error of the last attempt. */
  error: Error | null;
  /** Sends the message again with the same key. */
  retry(): void;
  discard(): void;
}

type Sending = Mutation<SentMessage, Error, OutgoingMessage>;

const destinationId = (to: Destination) => ('handle' in to ? `@${to.handle}` : to.message_group_uuid);
const keyOf = (to: Destination) => ['send', destinationId(to)];

/**
 * Sends a message. It stays in the outbox until the service confirms it; a failed one stays with its error. Messages to the same
 * destination are sent one after another.
 */
export function send(client: QueryClient, to: Destination, message: string): void {
  const options = {
    mutationKey: keyOf(to),
    scope: { id: `send to ${destinationId(to)}` },
    gcTime: Number.POSITIVE_INFINITY, // a failed message stays until the user retries or discards it
    mutationFn: post,
    retry: shouldRetry,
    retryDelay,
    onSuccess: async (sent: SentMessage) => {
      addSentToInbox(client, sent, 'handle' in to ? cachedUser(client, to.handle) : undefined);
      // The message is stored. If fetching the messages before it fails, the next poll brings both.
      await addSentToThread(client, sent).catch(() => undefined);
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

/** Whether closing the page would lose a message. */
export function hasUnsent(client: QueryClient): boolean {
  return client
    .getMutationCache()
    .findAll({ mutationKey: ['send'] })
    .some(({ state }) => state.status !== 'success');
}

/** The unconfirmed messages to this destination, in the order in which the user sent them. */
export function useOutbox(to: Destination): UnsentMessage[] {
  const cache = useQueryClient().getMutationCache();
  return useMutationState({
    filters: { mutationKey: keyOf(to), exact: true, predicate: ({ state }) => state.status !== 'success' },
    select: (mutation) => {
      const sending = mutation as unknown as Sending;
      const { status, isPaused, variables, error, failureReason } = sending.state;
      return {
        ...(variables as OutgoingMessage),
        // A message that waits for the one before it is paused too.
        state: status === 'error' ? 'failed' : isPaused && !onlineManager.isOnline() ? 'waiting' : 'sending',
        error: error ?? failureReason,
        retry: () => {
          sending.execute(variables as OutgoingMessage).catch(() => undefined); // the outbox shows the error
        },
        discard: () => cache.remove(mutation),
      } satisfies UnsentMessage;
    },
  });
}
