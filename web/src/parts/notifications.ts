import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { sessionUser } from '../api/session.ts';
import { cachedRow, fetchMessageGroup } from '../data/inbox.ts';
import { type Arrival, incoming } from '../data/incoming.ts';
import { notificationSettings } from '../data/notification-settings.ts';
import { useAttention } from './attention.ts';
import { playSound } from './sound.ts';

const claimedFor = 10_000; // milliseconds within which the other tabs of the user learn of the same message

// Locks are shared by all tabs of the origin, and end with the tab that holds them.
const lockOf = (what: 'reading' | 'arrival', uuid: string) => `cruddur-${what}:${sessionUser()}:${uuid}`;

/** The shown notifications, by conversation, with the time of their message. */
const shown = new Map<string, { notification: Notification; created_at: string }>();

/**
 * Tells the user of messages that are not on their screen, as they chose in the settings: once, however many tabs are open.
 * @param open the UUID of the open conversation
 */
export function useNotifications(open: string | undefined): void {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const isReading = useAttention() && open !== undefined;
  useEffect(() => (isReading ? holdLock(lockOf('reading', open)) : undefined), [isReading, open]);
  useEffect(() => {
    const tell = ({ detail }: CustomEventInit<Arrival>) => {
      if (detail)
        inOneTab(detail, () => notify(client, detail, () => navigate(`/messages/${detail.message_group_uuid}`)));
    };
    incoming.addEventListener('message', tell);
    const unsubscribe = client.getQueryCache().subscribe(() => closeRead(client));
    return () => {
      incoming.removeEventListener('message', tell);
      unsubscribe();
    };
  }, [client, navigate]);
}

/** Holds a lock. @returns ends it */
function holdLock(name: string): () => void {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  navigator.locks?.request(name, { mode: 'shared' }, () => ended);
  return end;
}

/** Runs `task` in the first tab that asks for it, unless a tab shows the conversation to the user. */
async function inOneTab({ message_group_uuid, message }: Arrival, task: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return task(); // an old browser, or no secure context
  await navigator.locks.request(lockOf('arrival', message.uuid), { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    const { held = [] } = await navigator.locks.query();
    if (!held.some(({ name }) => name === lockOf('reading', message_group_uuid))) await task();
    await new Promise((resolve) => setTimeout(resolve, claimedFor));
  });
}

async function notify(client: QueryClient, { message_group_uuid, message }: Arrival, open: () => void): Promise<void> {
  const { notifications, text, sound } = notificationSettings();
  if (!notifications && !sound) return;
  const group =
    cachedRow(client, message_group_uuid) ??
    (await fetchMessageGroup(client, message_group_uuid).catch(() => undefined));
  if (!group || group.muted) return;
  if (sound) playSound();
  if (!notifications || !('Notification' in window) || Notification.permission !== 'granted') return;
  const body = text ? message.message : 'New message';
  const notification = new Notification(message.display_name, {
    body,
    tag: message_group_uuid,
    icon: '/favicon.svg',
    silent: true, // the sound has a switch of its own
  });
  shown.set(message_group_uuid, { notification, created_at: message.created_at });
  notification.onclick = () => {
    window.focus();
    open();
    notification.close();
  };
}

/** Closes the notifications of conversations that were read here or elsewhere. */
function closeRead(client: QueryClient): void {
  for (const [uuid, { notification, created_at }] of shown) {
    const row = cachedRow(client, uuid);
    if (!row || row.unread_count > 0 || row.created_at < created_at) continue; // the row may be older than the message
    notification.close();
    shown.delete(uuid);
  }
}
