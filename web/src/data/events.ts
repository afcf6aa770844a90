import type { QueryClient } from '@tanstack/react-query';
import type { Me, Message, MessageGroup } from '../api/schema.ts';
import { applyRead, applyRow } from './inbox.ts';
import { type Arrival, incoming } from './incoming.ts';
import { pollAgain, pollSoon } from './polling.ts';
import { applyCleared, applyMessage, lacksNewest } from './thread.ts';
import { beginTyping, endTyping } from './typing.ts';

/** What the service tells the page. There may be further types, and further fields. */
export type ServiceEvent =
  | { type: 'message.created' | 'message.updated'; message_group_uuid: string; message: Message }
  | { type: 'message_group.updated'; message_group: MessageGroup; hidden?: boolean }
  | { type: 'message_group.cleared'; message_group_uuid: string; cleared: string }
  | { type: 'message_group.read'; message_group_uuid: string; user_uuid: string; read: number }
  | { type: 'typing'; message_group_uuid: string; user_uuid: string };

/**
 * Applies an event to the cache. Events may be lost, doubled, late and in any order, so one is applied only where it fits exactly: the next
 * message, a later revision, a later time. One that shows that something is missing leads to a poll, which asks for what the page lacks.
 */
export function applyEvent(client: QueryClient, event: ServiceEvent): void {
  switch (event.type) {
    case 'message.created':
    case 'message.updated':
      if (!applyMessage(client, event.message_group_uuid, event.message)) pollSoon(client);
      if (event.type === 'message.created') announce(client, event);
      pollAgain(client);
      break;
    case 'message_group.updated':
      showRow(client, event.message_group, event.hidden === true);
      pollAgain(client);
      break;
    case 'message_group.cleared':
      applyCleared(client, event.message_group_uuid, event.cleared);
      pollAgain(client);
      break;
    case 'message_group.read':
      applyRead(client, event.message_group_uuid, event);
      break;
    case 'typing':
      if (event.user_uuid !== signedInUser(client)) beginTyping(event.message_group_uuid);
  }
}

function showRow(client: QueryClient, row: MessageGroup, isHidden: boolean): void {
  // A row is hidden if its user has cleared the message that it shows.
  if (isHidden) {
    applyCleared(client, row.uuid, row.created_at);
    return;
  }
  applyRow(client, row);
  if (lacksNewest(client, row)) pollSoon(client);
}

const announced = new Set<string>(); // UUIDs of messages, the latest ones
const mostAnnounced = 1_000;

/** Tells the page of a message of another user, once. */
function announce(client: QueryClient, { message_group_uuid, message }: Arrival): void {
  const me = signedInUser(client);
  if (me === undefined || message.user_uuid === me) return;
  endTyping(message_group_uuid);
  if (announced.has(message.uuid) || message.deleted_at !== undefined) return;
  announced.add(message.uuid);
  for (const oldest of announced) if (announced.size > mostAnnounced) announced.delete(oldest);
  incoming.dispatchEvent(new CustomEvent<Arrival>('message', { detail: { message_group_uuid, message } }));
}

const signedInUser = (client: QueryClient) => client.getQueryData<Me>(['me'])?.uuid;
