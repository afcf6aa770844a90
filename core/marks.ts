import * as z from 'zod/mini';
import { type Deps, deadlineOf } from './deps.ts';
import { domainError } from './errors.ts';
import { type Head, isParticipant, withMark, withoutNames } from './model/head.ts';
import { uuid } from './model/id.ts';
import { parse } from './model/parse.ts';
import type { User } from './model/user.ts';
import { rewriteInbox } from './rewrite-inbox.ts';

export const inputSchema = z.object({ message_group_uuid: uuid('message_group_uuid_invalid') });

/**
 * Sets or removes a mark that a participant puts on a conversation for themselves.
 * @param input `{message_group_uuid}`, unchecked
 * @throws DomainError `message_group_uuid_invalid`, `message_group_unknown` (also for strangers), `message_group_busy`, `throttled`
 */
export async function setMark(
  deps: Deps,
  me: User,
  input: unknown,
  mark: { as: Parameters<typeof withMark>[1]; isSet: boolean },
): Promise<void> {
  const { message_group_uuid } = parse(inputSchema, input);
  const isMine = (head: Head) => isParticipant(head, me.user_uuid);
  await rewriteInbox(deps, message_group_uuid, { isExpected: isMine, deadline: deadlineOf(deps) }, (before) => {
    if (!before || !isMine(before)) throw domainError('message_group_unknown', 'message_group_uuid');
    const after = withMark(before, mark.as, me.user_uuid, mark.isSet);
    return after === before ? undefined : withoutNames(after);
  });
}
