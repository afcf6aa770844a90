import { onlineManager } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { ApiError } from '../api/errors.ts';

/** Says that there is no connection, or that the service does not answer, for as long as that is so. */
export function ConnectionNotice({ error }: { error: Error | null }) {
  const isOnline = useSyncExternalStore(
    (watcher) => onlineManager.subscribe(watcher),
    () => onlineManager.isOnline(),
  );
  const text = !isOnline
    ? 'You are offline. What you send waits until the connection is back.'
    : error instanceof ApiError
      ? `${error.message} Trying again …`
      : undefined;
  return <div role="status">{text && <p className="notice">{text}</p>}</div>;
}
