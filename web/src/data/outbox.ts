import {
  type Mutation,
  onlineManager,
  type QueryClient,
  useMutationState,
  useQueryClient,
} from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { ApiError, SignedOutError, unexpectedAnswer } from '../api/errors.ts';
import { answers } from '../api/fetch.ts';
import { request } from '../api/request.ts';
import type { Message, SentMessage } from '../api/schema.ts';
import { sessionUser } from '../api/session.ts';
import { keep, kept } from '../api/storage.ts';
import { addSentToInbox } from './inbox.ts';
import { pollSoon } from './polling.ts';
import { pause } from './retries.ts';
import { addSentToThread } from './thread.ts';
import { addConversation, cachedUser } from './users.ts';

/** The recipient of a message, and the conversation with them if it is known. */
export interface Recipient {
  handle: string;
  message_group_uuid?: string | undefined;
}

/** A message to send. */
export interface OutgoingMessage extends Recipient {
  message: string;
  /** The `Idempotency-Key`, with which the service stores the message once even if the request is repeated. */
  key: string;
  /** When the user sent it, in milliseconds since 1970. */
  at: number;
}

/** A message that the service has not confirmed yet, as the page shows it. */
export interface UnsentMessage extends OutgoingMessage {
  state: 'sending' | 'waiting' | 'limited' | 'failed';
  /** The error with which the service has refused it, or has put it off. */
  error: Error | null;
  /** If it is `limited`: when it is sent again, in milliseconds since 1970. */
  until?: number | undefined;
  /** Sends the message again with the same key. */
  retry(): void;
  discard(): void;
}

type Sending = Mutation<SentMessage, Error, OutgoingMessage>;

const keyOf = (handle: string) => ['send', handle];

/** By idempotency key: messages that were found in the conversation, as stored, before their own request was answered. */
const storedWithoutAnswer = new Map<string, SentMessage>();

/** By idempotency key: what the user's own rate has put off, and until when. Replaced at each change, for React. */
let limited: ReadonlyMap<string, { error: ApiError; until: number }> = new Map();
const limitWatchers = new Set<() => void>();

/** The idempotency keys of unsent messages that the browser did not store. */
const unstored = new Set<string>();

/** By idempotency key: the hash of the key, by which a stored message is recognised. */
const hashes = new Map<string, string>();

/**
 * Sends a message. It stays in the outbox, and in the browser's storage, until the service confirms it. While there
 * is no definite answer, it is sent again and again with the same key; if the service refuses it, it stays with its
 * error. Messages to the same user are sent one after another.
 */
export function send(client: QueryClient, to: Recipient, message: string): void {
  const { handle, message_group_uuid } = to;
  dispatch(client, { handle, message_group_uuid, message, key: crypto.randomUUID(), at: Date.now() });
}

/** Sends the messages that an earlier visit left unsent, or whose sending stopped when the session ended. */
export function resumeSending(client: QueryClient): void {
  const sendings = client.getMutationCache().findAll({ mutationKey: ['send'] }) as unknown as Sending[];
  for (const sending of sendings) if (sending.state.error instanceof SignedOutError) execute(sending);
  const known = new Set(sendings.map(({ state }) => state.variables?.key));
  for (const message of kept<OutgoingMessage>(sessionUser(), 'unsent:'))
    if (!known.has(message.key)) dispatch(client, message);
}

/** Sends again what the service refused because the other user had not answered yet. For the moment when they have. */
export function sendAwaitingReply(client: QueryClient, handle: string): void {
  const sendings = client.getMutationCache().findAll({ mutationKey: keyOf(handle), exact: true });
  for (const sending of sendings as unknown as Sending[]) {
    const { error } = sending.state;
    if (error instanceof ApiError && error.code === 'awaiting_reply') execute(sending);
  }
}

function dispatch(client: QueryClient, outgoing: OutgoingMessage): void {
  keepUnsent(outgoing, outgoing);
  hashOf(outgoing.key).then((hash) => hash && hashes.set(outgoing.key, hash));
  const options = {
    mutationKey: keyOf(outgoing.handle),
    scope: { id: `send to ${outgoing.handle}` },
    // A refused message stays until the user retries or discards it, and is not removed after a time.
    gcTime: Number.POSITIVE_INFINITY,
    mutationFn: sendUntilAnswered,
    retry: false,
    onSuccess: async (sent: SentMessage) => {
      keepUnsent(outgoing, undefined);
      addConversation(client, outgoing.handle, sent.message_group_uuid);
      addSentToInbox(client, sent, cachedUser(client, outgoing.handle));
      // The message is stored, so an error while fetching the messages before it is ignored: the next poll fetches
      // them and this one.
      await addSentToThread(client, sent).catch(() => undefined);
      pollSoon(client);
    },
  };
  const mutation = client.getMutationCache().build<SentMessage, Error, OutgoingMessage, unknown>(client, options);
  mutation.execute(outgoing).catch(() => undefined); // ignored here, since the outbox shows the error
}

function execute(sending: Sending): void {
  sending.execute(sending.state.variables as OutgoingMessage).catch(() => undefined);
}

/**
 * Stores a message for the next visit, or removes it. The stored name begins with the time, so that the next visit
 * sends the messages in their order.
 */
function keepUnsent({ at, key }: OutgoingMessage, value: OutgoingMessage | undefined): void {
  const isKept = keep(sessionUser(), `unsent:${at}:${key}`, value);
  if (isKept || !value) unstored.delete(key);
  else unstored.add(key);
}

async function sendUntilAnswered(outgoing: OutgoingMessage): Promise<SentMessage> {
  for (let failures = 0; ; failures++) {
    const stored = storedWithoutAnswer.get(outgoing.key);
    if (stored) return stored;
    try {
      return await post(outgoing);
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isTransient) throw error;
      if (storedWithoutAnswer.has(outgoing.key)) continue;
      // A code comes from the service's own limits; API Gateway's throttling has none, and no time.
      const isLimit = error.status === 429 && error.code !== undefined && error.retryAfter !== undefined;
      if (isLimit) setLimited(outgoing.key, error);
      await pause(failures, error);
      if (isLimit) setLimited(outgoing.key, undefined);
    }
  }
}

function setLimited(key: string, error: ApiError | undefined): void {
  const next = new Map(limited);
  if (error) next.set(key, { error, until: Date.now() + (error.retryAfter ?? 0) * 1_000 });
  else next.delete(key);
  limited = next;
  for (const watcher of limitWatchers) watcher();
}

function watchLimited(watcher: () => void): () => void {
  limitWatchers.add(watcher);
  return () => limitWatchers.delete(watcher);
}

async function post({ handle, message_group_uuid, message, key }: OutgoingMessage): Promise<SentMessage> {
  const sent = await request<SentMessage>('/api/messages', {
    method: 'POST',
    body: { ...(message_group_uuid ? { message_group_uuid } : { handle }), message },
    headers: { 'idempotency-key': key },
  });
  const { created_at, seq } = sent as Partial<SentMessage>;
  const isMessage = typeof created_at === 'string' && typeof seq === 'number';
  if (!isMessage || typeof sent.message_group_uuid !== 'string') throw unexpectedAnswer();
  return sent;
}

/** @returns the hash of this key, as the service computes it; undefined on a page without TLS, where browsers have no `crypto.subtle` */
async function hashOf(key: string): Promise<string | undefined> {
  const digest = await globalThis.crypto.subtle?.digest('SHA-256', new TextEncoder().encode(key));
  return digest && [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Whether leaving the page would lose an unsent message. */
export const hasUnstoredMessage = () => unstored.size > 0;

/** How many unsent messages signing out would delete. */
export const unsentCount = () => kept<OutgoingMessage>(sessionUser(), 'unsent:').length + unstored.size;

/** Forgets the unsent messages that the browser has not stored. */
export const forgetUnstoredMessages = () => unstored.clear();

/**
 * The unconfirmed messages to a user, in the order in which they were sent.
 * @param stored the messages of the conversation. An outbox message that is among them is left out: it was stored, even without an answer
 */
export function useOutbox(handle: string, stored: readonly Message[] = []): UnsentMessage[] {
  const cache = useQueryClient().getMutationCache();
  const unsent = useMutationState({
    filters: { mutationKey: keyOf(handle), exact: true, predicate: ({ state }) => state.status !== 'success' },
    select: (mutation) => {
      const sending = mutation as unknown as Sending;
      const outgoing = sending.state.variables as OutgoingMessage;
      return {
        ...outgoing,
        state: sending.state.status === 'error' ? 'failed' : onlineManager.isOnline() ? 'sending' : 'waiting',
        error: sending.state.error,
        retry: () => execute(sending),
        discard: () => {
          keepUnsent(outgoing, undefined);
          cache.remove(mutation);
        },
      } satisfies UnsentMessage;
    },
  });
  const putOff = useSyncExternalStore(watchLimited, () => limited);
  return unsent
    .filter(({ key }) => !storedAs(key, stored))
    .map((each) => {
      const limit = putOff.get(each.key);
      return limit && each.state !== 'failed' ? { ...each, ...limit, state: 'limited' } : each;
    });
}

/** The message that a request with this idempotency key has stored, if it is among these. */
function storedAs(key: string, messages: readonly Message[]): Message | undefined {
  const hash = hashes.get(key);
  return hash === undefined ? undefined : messages.find(({ idempotency_key_hash }) => idempotency_key_hash === hash);
}

/** Ends the sending of each outbox message that is among the stored messages of its conversation, as if its request had been answered. */
export function confirmStored(
  client: QueryClient,
  { handle, message_group_uuid }: { handle: string; message_group_uuid: string },
  messages: readonly Message[],
): void {
  const cache = client.getMutationCache();
  for (const mutation of cache.findAll({ mutationKey: keyOf(handle), exact: true })) {
    const outgoing = mutation.state.variables as OutgoingMessage;
    const message = storedAs(outgoing.key, messages);
    if (mutation.state.status === 'success' || !message) continue;
    keepUnsent(outgoing, undefined);
    if (mutation.state.status === 'error') cache.remove(mutation);
    storedWithoutAnswer.set(outgoing.key, { ...message, message_group_uuid });
    answers.dispatchEvent(new Event('answer')); // ends the wait before the next attempt
  }
}
