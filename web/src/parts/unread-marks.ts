import { useEffect } from 'react';
import { useUnreadCount } from '../data/unread.ts';
import { showUnreadInTitle } from './title.ts';

// The drawing of public/favicon.svg, with a dot. A data URL, since an icon has no style that a page could change.
const badged = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">' +
    '<path fill="#7540bf" d="M6 4h20a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H15l-7 6v-6H6a4 4 0 0 1-4-4V8a4 4 0 0 1 4-4z"/>' +
    '<path fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round" d="M9 11h14M9 17h9"/>' +
    '<circle cx="24" cy="8" r="7" fill="#e0245e" stroke="#fff" stroke-width="2"/></svg>',
)}`;

/** Shows the number of unread messages in the title, and a dot on the icon of the tab while there are any. */
export function useUnreadMarks(): void {
  const count = useUnreadCount();
  useEffect(() => showUnreadInTitle(count), [count]);
  const isUnread = count > 0;
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
    if (!isUnread || !icon) return;
    const plain = icon.href;
    icon.href = badged;
    return () => {
      icon.href = plain;
    };
  }, [isUnread]);
  useEffect(() => () => showUnreadInTitle(0), []); // signed out, or in the settings, which load no inbox
}
