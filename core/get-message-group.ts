import * as z from 'zod/mini';
import { type Deps, deadlineOf } from './deps.ts';
import { domainError } from './errors.ts';
import { participantsOf } from './known-users.ts';
import { clearedUpTo, type Head, hasCleared, includes, isParticipant, newestSeq } from './model/head.ts';
import { uuid } from './model/id.ts';
import { type InboxRow, inboxRow } from './model/inbox.ts';
import { parse } from './model/parse.ts';
import { seenCount } from './model/seen.ts';
import type { Timestamp } from './model/time.ts';
import type { User } from './model/user.ts';
import { getExpectedHead, getHeadAndNewest } from './table/confirmed-reads.ts';

export const inputSchema = z.object({ message_group_uuid: uuid('message_group_uuid_invalid') });

/** A conversation as one participant sees it now. */
export interface MessageGroup {
  /** The caller's inbox row as it follows from the head. The stored row may show the same only a moment later. */
  row: InboxRow;
  /** The number of the newest message. */
  seq: number;
  /** How many of the caller's messages the other participant has read; absent without read receipts. */
  read?: number;
  /** Grows with each edited or deleted message. */
  version: number;
  /** Whether the caller blocks the other participant. */
  blocked: boolean;
  /** The time up to which the caller has cleared the conversation: its row shows no message then, if none is newer. */
  cleared?: Timestamp;
}

/**
 * Returns the state of a conversation, from its head and its newest message at one instant: a caller who has seen a `seq` finds
 * the messages up to it.
 * @param input `{message_group_uuid}`, unchecked
 * @throws DomainError `message_group_uuid_invalid`, `message_group_unknown` (also for strangers), `throttled`, `message_group_busy`
 */
export async function getMessageGroup(deps: Deps, me: User, input: unknown): Promise<MessageGroup> {
  const { message_group_uuid } = parse(inputSchema, input);
  const deadline = deadlineOf(deps);
  const isMine = (head: Head) => isParticipant(head, me.user_uuid);
  const known = await getExpectedHead(deps.table, message_group_uuid, isMine, deadline);
  if (!known || !isMine(known)) throw domainError('message_group_unknown', 'message_group_uuid');
  const current = await getHeadAndNewest(deps.table, known, deadline);
  if (!current) throw new Error('a head names a message that does not exist');
  const { head, newest } = current;
  const users = await participantsOf(deps, head, deadline);
  const [one, another] = users;
  const other = one.user_uuid === me.user_uuid ? another : one;
  const seen = seenCount(head, me.user_uuid, new Map(users.map((user) => [user.user_uuid, user])));
  const row = inboxRow(head, newest, me.user_uuid, other);
  const cleared = clearedUpTo(head, me.user_uuid);
  return {
    row: hasCleared(head, me.user_uuid, newest.created_at) ? { ...row, message: '' } : row,
    seq: newestSeq(head),
    version: head.version ?? 0,
    blocked: includes(head.blocked_by, me.user_uuid),
    ...(seen !== undefined && { read: seen }),
    ...(cleared && { cleared }),
  };
}
