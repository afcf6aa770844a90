import * as z from 'zod/mini';
import { changeMessage, messageId } from './change-message.ts';
import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import { editWindow } from './model/limits.ts';
import { type Message, messageText } from './model/message.ts';
import { code, parse } from './model/parse.ts';
import { toSeconds } from './model/time.ts';
import type { User } from './model/user.ts';

export const inputSchema = z.object({ ...messageId, message: messageText }, code('body_invalid'));

/**
 * Changes the text of a message of the caller's, for 24 hours after it was sent. The same text again changes nothing.
 * @param input `{message_group_uuid, created_at, message}`, unchecked
 * @returns the message as it is then
 * @throws DomainError `body_invalid`, `message_blank`, `message_exceed_max_chars`, `message_group_uuid_invalid`, `created_at_invalid`,
 *   `message_group_unknown` (also for strangers), `message_unknown`, `message_not_yours`, `message_deleted`, `edit_window_over`,
 *   `recipient_unavailable`, `too_many_messages`, `message_group_busy`, `throttled`
 */
export async function editMessage(deps: Deps, me: User, input: unknown): Promise<Message> {
  const { message: text, ...id } = parse(inputSchema, input);
  return changeMessage(deps, me, id, (message) => {
    if (message.deleted_at) throw domainError('message_deleted');
    if (message.message === text) return undefined;
    const now = deps.now();
    if (toSeconds(now) - toSeconds(message.created_at) > editWindow) throw domainError('edit_window_over');
    return { ...message, message: text, edited_at: now };
  });
}
