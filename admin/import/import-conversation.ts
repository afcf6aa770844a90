import type { Deps } from '../../core/deps.ts';
import { refusal } from '../../core/errors.ts';
import { inboxRow } from '../../core/model/inbox.ts';
import type { Message } from '../../core/model/message.ts';
import { justAfter, type Timestamp } from '../../core/model/time.ts';
import { mostMessages, putChapter } from '../table/imports.ts';
import { type Chapter, chapters, type Story } from './import-batches.ts';

/**
 * Stores a conversation that was had elsewhere, with its pair and its inbox rows; if the two have one already, nothing. Each
 * hundred items are one transaction that leaves the conversation whole, so ended in the middle it is shorter, not broken.
 * @param onProgress told how many messages a transaction has stored
 * @returns whether it was stored
 * @throws DomainError `message_group_busy` (somebody wrote into it meanwhile, or one of its messages' keys is taken), `throttled`
 */
export async function loadConversation(
  deps: Deps,
  story: Story,
  onProgress: (messages: number) => void = () => {},
): Promise<boolean> {
  let rowsAt: Timestamp | undefined;
  for (const chapter of chapters(story, mostMessages)) {
    const place = await store(deps, chapter, rowsAt);
    if (place === undefined) {
      if (!chapter.before) return false;
      throw refusal('message_group_busy');
    }
    rowsAt = place;
    onProgress(chapter.messages.length);
  }
  return true;
}

/** @returns where the rows sit now, or undefined when the conversation is not as the chapter expects it */
async function store(
  { table, patience }: Deps,
  chapter: Chapter,
  from: Timestamp | undefined,
): Promise<Timestamp | undefined> {
  const { head } = chapter;
  const newest = chapter.messages.at(-1) as Message;
  const rows = head.participants.map(({ user_uuid }) => ({ user_uuid, row: inboxRow(head, newest, user_uuid) }));
  for (let place = newest.created_at; ; place = justAfter(place)) {
    const refused = await putChapter(table, chapter, { rows, place, from }, Date.now() + patience);
    if (!refused) return place;
    // As in rewrite-inbox.ts: another conversation's row sits there, the next microsecond may be free.
    const { row0, row1, ...others } = refused;
    if (Object.keys(others).length > 0 || !(row0 ?? row1)) return undefined;
  }
}
