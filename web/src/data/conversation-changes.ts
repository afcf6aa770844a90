import type { QueryClient } from '@tanstack/react-query';
import { requestNoContent } from '../api/request.ts';
import type { Message } from '../api/schema.ts';
import { updateInboxRow } from './inbox.ts';
import { pollSoon } from './polling.ts';
import { applyCleared } from './thread.ts';

// What a user changes of a conversation, for themselves only. Each function throws ApiError or SignedOutError.

const pathOf = (uuid: string, what: string) => `/api/message_groups/${uuid}/${what}`;

/** Mutes a conversation, or no longer. @param uuid of the conversation */
export async function setMuted(client: QueryClient, uuid: string, muted: boolean): Promise<void> {
  await requestNoContent(pathOf(uuid, 'mute'), { method: muted ? 'PUT' : 'DELETE' });
  updateInboxRow(client, uuid, (row) => ({ ...row, muted }));
  pollSoon(client);
}

/** Marks a conversation as unread, until the user opens it the next time. */
export async function markUnread(client: QueryClient, uuid: string): Promise<void> {
  await requestNoContent(pathOf(uuid, 'unread'), { method: 'PUT' });
  updateInboxRow(client, uuid, (row) => ({ ...row, marked_unread: true }));
  pollSoon(client);
}

/** Removes the messages up to this one, and the conversation from the inbox until there is a newer one. */
export async function clearUpTo(
  client: QueryClient,
  uuid: string,
  { created_at }: Pick<Message, 'created_at'>,
): Promise<void> {
  await requestNoContent(pathOf(uuid, 'cleared'), { method: 'PUT', body: { created_at } });
  applyCleared(client, uuid, created_at);
  pollSoon(client);
}
