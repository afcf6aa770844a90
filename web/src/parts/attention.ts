import { useSyncExternalStore } from 'react';

/** Whether the user can be looking at the page: its tab is visible, and its window has the focus. */
export const hasAttention = () => document.visibilityState === 'visible' && document.hasFocus();

const events = ['focus', 'blur', 'visibilitychange'];

/** The same, kept up to date. */
export const useAttention = () =>
  useSyncExternalStore((watcher) => {
    for (const event of events) addEventListener(event, watcher);
    return () => {
      for (const event of events) removeEventListener(event, watcher);
    };
  }, hasAttention);
