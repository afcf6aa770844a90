import { useEffect } from 'react';

/** Sets the title of the browser tab: `(3) Wriggle Reef · Cruddur`. @param unread number of unread messages */
export function useTitle(name: string, unread = 0): void {
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${name} · Cruddur`;
  }, [name, unread]);
}
