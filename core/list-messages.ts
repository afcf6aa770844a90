import * as z from 'zod';
import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import { isParticipant } from './model/head.ts';
import { uuid } from './model/id.ts';
import type { Message } from './model/message.ts';
import { cursor, limit } from './model/paging.ts';
import { code, parse } from './model/parse.ts';
import { timestamp } from './model/time.ts';
import type { User } from './model/user.ts';
import { fromCursor, toCursor } from './table/cursor.ts';
import { getHead, messagesAfter, messagesBefore } from './table/reads.ts';

export const inputSchema = z
  .object({
    message_group_uuid: uuid('message_group_uuid_invalid'),
    after: timestamp('after_invalid').optional(),
    limit,
    cursor,
  })
  .refine(({ after, cursor }) => after === undefined || cursor === undefined, {
    ...code('cursor_invalid'),
    path: ['cursor'],
  });

/** A page of messages, oldest first. `next` leads to older messages by a cursor, or to newer ones by a time. */
export interface MessagePage {
  messages: Message[];
  next?: { cursor: string } | { after: string };
  limit: number;
}

/**
 * A: lists the messages of a conversation: backwards from the newest, or, for a client that was offline, forwards from a time.
 * @param input `{message_group_uuid, limit?, cursor?}` or `{message_group_uuid, limit?, after}`, unchecked
 * @returns one page of messages
 * @throws DomainError `message_group_uuid_invalid`, `after_invalid`, `limit_invalid`, `cursor_invalid`, `message_group_unknown` (also for
 *   strangers), `throttled`
 */
export async function listMessages(deps: Deps, me: User, input: unknown): Promise<MessagePage> {
  const { message_group_uuid, after, limit, cursor } = parse(inputSchema, input);
  const scope = { list: 'messages', user_uuid: me.user_uuid, message_group_uuid } as const;
  const before = cursor === undefined ? undefined : fromCursor(scope, cursor);

  const [head, page] = await Promise.all([
    getHead(deps.table, message_group_uuid),
    after === undefined
      ? messagesBefore(deps.table, message_group_uuid, { before, limit })
      : messagesAfter(deps.table, message_group_uuid, { after, limit }),
  ]);
  if (!head || !isParticipant(head, me.user_uuid)) throw domainError('message_group_unknown', 'message_group_uuid');

  const last = page.rows.at(-1)?.created_at;
  if (after !== undefined) return { messages: page.rows, limit, ...(page.more && last && { next: { after: last } }) };
  return {
    messages: page.rows.toReversed(),
    limit,
    ...(page.more && last && { next: { cursor: toCursor(scope, last) } }),
  };
}
