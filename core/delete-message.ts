import * as z from 'zod/mini';
import { changeMessage, messageId } from './change-message.ts';
import type { Deps } from './deps.ts';
import { parse } from './model/parse.ts';
import type { User } from './model/user.ts';

export const inputSchema = z.object(messageId);

/**
 * Deletes a message of the caller's for both participants: its text is removed from the table, and its place stays. It still counts as
 * sent. Deleting it again changes nothing.
 * @param input `{message_group_uuid, created_at}`, unchecked
 * @throws DomainError `message_group_uuid_invalid`, `created_at_invalid`, `message_group_unknown` (also for strangers), `message_unknown`,
 *   `message_not_yours`, `message_group_busy`, `throttled`
 */
export async function deleteMessage(deps: Deps, me: User, input: unknown): Promise<void> {
  await changeMessage(deps, me, parse(inputSchema, input), (message) =>
    message.deleted_at ? undefined : { ...message, message: '', deleted_at: deps.now() },
  );
}
