import type { Message, MessageGroup } from '../api/schema.ts';

/** What was known of a conversation when the user opened it. */
export type Opened = Pick<MessageGroup, 'uuid' | 'created_at' | 'unread_count'>;

/** Whether the newest message that was known at opening is not loaded yet. @param messages the loaded ones, oldest first */
export const lacksMessages = (messages: readonly Message[], opened: Opened | undefined): boolean =>
  opened !== undefined && (messages.at(-1)?.created_at ?? '') < opened.created_at;

/**
 * The number among the other user's messages (`sender_seq`) of the first one that was unread when the conversation was opened. It is known
 * once the newest message of that time is loaded, even if the first unread one is not loaded yet. Who has written has read what stands
 * before, even if the service does not count it yet.
 * @param messages the loaded ones, oldest first
 * @param me the UUID of the signed-in user
 * @returns undefined if none was unread, if that is not known yet, or if the user has written since
 */
export function firstUnread(messages: readonly Message[], me: string, opened: Opened | undefined): number | undefined {
  if (!opened?.unread_count || lacksMessages(messages, opened)) return;
  const mine = messages.findLast(({ user_uuid }) => user_uuid === me);
  if (mine && mine.created_at > opened.created_at) return;
  // The inbox may be older than the messages: those that arrived after its row are not in its count.
  const theirs = messages.filter(({ user_uuid, created_at }) => user_uuid !== me && created_at <= opened.created_at);
  const counted = theirs.at(-1);
  const unanswered = theirs.find(({ seq }) => seq > (mine?.seq ?? 0));
  if (!counted || !unanswered) return;
  const byCount = Math.max(1, counted.sender_seq - opened.unread_count + 1);
  return mine ? Math.max(byCount, unanswered.sender_seq) : byCount;
}
