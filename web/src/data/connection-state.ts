import { useSyncExternalStore } from 'react';

/** A frame to the service. */
export type Frame = { action: 'ping' } | { action: 'typing'; message_group_uuid: string };

type Send = (frame: Frame) => void;

let send: Send | undefined;
const watchers = new Set<() => void>();

/** Notes that the service can be reached by a WebSocket now, or no longer. @param sender sends a frame; undefined: no longer */
export function setConnected(sender: Send | undefined): void {
  send = sender;
  for (const watcher of watchers) watcher();
}

/** Whether the service tells this page at once what changes. */
export const isConnected = () => send !== undefined;

/** Like {@link isConnected}, kept up to date. */
export const useIsConnected = () => useSyncExternalStore(watch, isConnected);

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Sends a frame if there is a connection; otherwise it is lost. @returns whether it was sent */
export function sendFrame(frame: Frame): boolean {
  send?.(frame);
  return send !== undefined;
}
