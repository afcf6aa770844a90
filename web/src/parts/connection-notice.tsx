import { onlineManager } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { ApiError } from '../api/errors.ts';

/** Tells the user while the browser is offline or the service does not answer. */
export function ConnectionNotice({ error }: { error: Error | null }) {
  const isOnline = useSyncExternalStore(
    (watcher) => onlineManager.subscribe(watcher),
    () => onlineManager.isOnline(),
  );
  const text = !isOnline
    ? 'You are offline. Your messages will be sent when you are back online.'
    : error instanceof ApiError
      ? `${error.message} Retrying …`
      : undefined;
  return <div role="status">{text && <p className="notice">{text}</p>}</div>;
}
