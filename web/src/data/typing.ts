import { useSyncExternalStore } from 'react';
import { sendFrame } from './connection-state.ts';

const shownFor = 4_000; // milliseconds after the last frame
const tellAgainAfter = 2_000; // milliseconds between two frames of this user in one conversation

/** The conversations in which the other user is typing, and the timers that end it. */
const typing = new Map<string, ReturnType<typeof setTimeout>>();
const watchers = new Set<() => void>();

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Whether the other user of a conversation is typing now, as far as a frame has told it. @param uuid of the conversation */
export const useTyping = (uuid: string | undefined): boolean =>
  useSyncExternalStore(watch, () => uuid !== undefined && typing.has(uuid));

/** Notes that the other user has just typed. @param uuid of the conversation */
export function beginTyping(uuid: string): void {
  clearTimeout(typing.get(uuid));
  typing.set(
    uuid,
    setTimeout(() => endTyping(uuid), shownFor),
  );
  for (const watcher of watchers) watcher();
}

/** Notes that the other user is no longer typing, for example since their message has arrived. */
export function endTyping(uuid: string): void {
  clearTimeout(typing.get(uuid));
  if (typing.delete(uuid)) for (const watcher of watchers) watcher();
}

/** When this user's typing was last told, by conversation. */
const toldAt = new Map<string, number>();

/**
 * Tells the other user that this one is typing: at most once every two seconds, and only while there is a connection, since a late frame
 * would be wrong.
 * @param uuid of the conversation
 */
export function tellTyping(uuid: string): void {
  if (Date.now() - (toldAt.get(uuid) ?? 0) < tellAgainAfter) return;
  if (sendFrame({ action: 'typing', message_group_uuid: uuid })) toldAt.set(uuid, Date.now());
}
