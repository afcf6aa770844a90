import { useEffect } from 'react';

let title = '';
let unread = 0;

function show(): void {
  document.title = `${unread > 0 ? `(${unread}) ` : ''}${title} · Cruddur`;
}

/** Sets the title of the browser tab: `(3) Wriggle Reef · Cruddur`. {@link showUnreadInTitle} sets the number. */
export function useTitle(name: string): void {
  useEffect(() => {
    title = name;
    show();
  }, [name]);
}

/** Sets the number of unread messages in the title, for all pages. */
export function showUnreadInTitle(count: number): void {
  unread = count;
  show();
}
