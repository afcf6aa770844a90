import { useSyncExternalStore } from 'react';
import { isBlank } from '../../../core/model/text.ts';
import { sessionUser } from '../api/session.ts';
import { keep, kept } from '../api/storage.ts';

/** Drafts, by the recipient's handle, that the browser refused to store: they would be lost on leaving the page. */
const unstored = new Map<string, string>();

/** The draft of the signed-in user to another user. There is one per recipient, on both paths that show the composer. */
export function draftTo(handle: string): string {
  return unstored.get(handle) ?? kept<string>(sessionUser(), `draft:${handle}:`)[0] ?? '';
}

/** Keeps a draft, also for the next visit. */
export function keepDraft(handle: string, text: string): void {
  const isKept = keep(sessionUser(), `draft:${handle}:`, text === '' ? undefined : text);
  if (isKept || text === '') unstored.delete(handle);
  else unstored.set(handle, text);
  for (const watcher of watchers) watcher();
}

const watchers = new Set<() => void>();

/** The draft to a user, kept up to date, also when another tab changes it; empty if it has no visible character. */
export function useDraft(handle: string): string {
  const draft = useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      addEventListener('storage', watcher);
      return () => {
        watchers.delete(watcher);
        removeEventListener('storage', watcher);
      };
    },
    () => draftTo(handle),
  );
  return isBlank(draft) ? '' : draft;
}

/** Whether leaving the page would lose a draft. */
export const hasUnstoredDraft = () => unstored.size > 0;

/** How many drafts signing out would delete. */
export function draftCount(): number {
  const drafts = [...kept<string>(sessionUser(), 'draft:'), ...unstored.values()];
  return drafts.filter((text) => !isBlank(text)).length;
}

/** Deletes the drafts that the browser has not stored. */
export const forgetUnstoredDrafts = () => unstored.clear();
