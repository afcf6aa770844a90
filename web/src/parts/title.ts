import { useEffect } from 'react';

/** What the browser shows of the page: `(3) Wriggle Reef · Cruddur`. @param unread how many messages wait */
export function useTitle(name: string, unread = 0): void {
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${name} · Cruddur`;
  }, [name, unread]);
}
