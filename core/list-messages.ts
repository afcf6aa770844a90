import * as z from 'zod/mini';
import { type Deps, deadlineOf } from './deps.ts';
import { domainError } from './errors.ts';
import { knownUsers } from './known-users.ts';
import { toUser } from './model/account.ts';
import { type Neighbours, withoutGaps } from './model/gaps.ts';
import { clearedUpTo, type Head, isParticipant, participantIds } from './model/head.ts';
import { type Uuid, uuid } from './model/id.ts';
import type { Message } from './model/message.ts';
import { cursor, limit } from './model/paging.ts';
import { code, parse } from './model/parse.ts';
import { seenCount } from './model/seen.ts';
import { fromMicros, justAfter, type Timestamp, timestamp } from './model/time.ts';
import type { User } from './model/user.ts';
import type { Table } from './table/client.ts';
import { getExpectedHead } from './table/confirmed-reads.ts';
import { fromCursor, type Position, toCursor } from './table/cursor.ts';
import { messagesBefore, messagesFrom } from './table/reads.ts';
import { mayRetry } from './table/transactions.ts';

export const inputSchema = z
  .object({
    message_group_uuid: uuid('message_group_uuid_invalid'),
    after: z.optional(timestamp('after_invalid')),
    limit,
    cursor,
  })
  .check(
    z.refine(({ after, cursor }) => after === undefined || cursor === undefined, {
      ...code('cursor_invalid'),
      path: ['cursor'],
    }),
  );

/** A page of messages, oldest first. `next` leads to older messages by a cursor, or to newer ones by a time. */
export interface MessagePage {
  messages: Message[];
  next?: { cursor: string } | { after: string };
  limit: number;
  /** How many of the caller's messages the other participant has read; absent without read receipts. */
  seen?: number;
  /** The `seq` of each message before which others are missing for good: the table is damaged. Absent if none is. */
  finalGaps?: number[];
}

/**
 * Access pattern A: lists the messages of a conversation: backwards from the newest, or, for a client that was offline, forwards from a
 * time. The caller sees none that they have cleared.
 *
 * A page with a gap in `seq` that may still be filled is read again; at the deadline it ends at the gap (model/gaps.ts).
 * @param input `{message_group_uuid, limit?, cursor?}` or `{message_group_uuid, limit?, after}`, unchecked
 * @returns one page of messages
 * @throws DomainError `message_group_uuid_invalid`, `after_invalid`, `limit_invalid`, `cursor_invalid`, `message_group_unknown` (also for
 *   strangers), `throttled`, `message_group_busy`
 */
export async function listMessages(deps: Deps, me: User, input: unknown): Promise<MessagePage> {
  const { message_group_uuid, after, limit, cursor } = parse(inputSchema, input);
  const deadline = deadlineOf(deps);
  const scope = { list: 'messages', user_uuid: me.user_uuid, message_group_uuid } as const;
  const position = cursor === undefined ? undefined : fromCursor(scope, cursor);
  const isMine = (head: Head) => isParticipant(head, me.user_uuid);

  const readPage = (from = after) =>
    readWithoutGaps(deps, deadline, () =>
      from === undefined
        ? olderThan(deps.table, message_group_uuid, position, limit)
        : newerThan(deps.table, message_group_uuid, from, limit),
    );
  const [{ head, users }, firstPage] = await Promise.all([
    getExpectedHead(deps.table, message_group_uuid, isMine, deadline).then(async (head) => ({
      head,
      users: await knownUsers(deps, head && isMine(head) ? participantIds(head) : [], deadline),
    })),
    readPage(),
  ]);
  if (!head || !isMine(head)) throw domainError('message_group_unknown', 'message_group_uuid');

  const cleared = clearedUpTo(head, me.user_uuid);
  const isBehind = after !== undefined && cleared !== undefined && after < cleared;
  const page = visible(isBehind ? await readPage(cleared) : firstPage, cleared);
  const { finalGaps, isWhole } = page;
  const messages = page.messages.map((message) => ({
    ...message,
    sender: toUser(users.get(message.sender.user_uuid) ?? message.sender),
  }));
  const seen = seenCount(head, me.user_uuid, users);
  const result = {
    messages,
    limit,
    ...(seen !== undefined && { seen }),
    ...(finalGaps.length > 0 && { finalGaps }),
  };
  if (after !== undefined) {
    const last = messages.at(-1);
    return isWhole && page.more && last ? { ...result, next: { after: last.created_at } } : result;
  }
  const oldest = messages[0];
  const stop = oldest ? { stop: oldest.created_at, seq: oldest.seq } : position;
  const isCut = !isWhole && position !== undefined; // after a cursor, it is the older messages that are cut off
  return (page.more || isCut) && stop ? { ...result, next: { cursor: toCursor(scope, stop) } } : result;
}

/**
 * The last messages up to and including one, also those that a participant has cleared, without a gap that may still be filled.
 * @param upTo the message, by its place and its number
 * @returns oldest first
 * @throws DomainError `throttled`, `message_group_busy` if such a gap is still there at the deadline
 */
export async function lastMessagesUpTo(
  deps: Deps,
  conversation: Uuid,
  { upTo, limit }: { upTo: Pick<Message, 'created_at' | 'seq'>; limit: number },
  deadline: number,
): Promise<Message[]> {
  const behind = { stop: justAfter(upTo.created_at), seq: upTo.seq + 1 };
  const read = () => olderThan(deps.table, conversation, behind, limit);
  const { messages, isWhole } = await readWithoutGaps(deps, deadline, read);
  if (!isWhole) throw domainError('message_group_busy');
  return messages;
}

/**
 * The messages of a conversation behind one, or from its first one on, also those that a participant has cleared, without a gap that may
 * still be filled.
 * @param behind the message, by its place and its number; undefined for the beginning
 * @returns oldest first, with the final gaps like those of a {@link MessagePage}
 * @throws DomainError `throttled`, `message_group_busy` if such a gap is still there at the deadline
 */
export async function messagesBehind(
  deps: Deps,
  conversation: Uuid,
  { behind, limit }: { behind: Pick<Message, 'created_at' | 'seq'> | undefined; limit: number },
  deadline: number,
): Promise<{ messages: Message[]; more: boolean; finalGaps: number[] }> {
  const from = behind ? justAfter(behind.created_at) : fromMicros(0);
  const read = async () => {
    const { rows, more } = await messagesFrom(deps.table, conversation, { from, limit });
    return { messages: rows, more, before: behind?.seq ?? 0 };
  };
  const { isWhole, ...page } = await readWithoutGaps(deps, deadline, read);
  if (!isWhole) throw domainError('message_group_busy');
  return page;
}

type Read = Neighbours<Message> & { more: boolean };

async function olderThan(
  table: Table,
  conversation: Uuid,
  position: Position | undefined,
  limit: number,
): Promise<Read> {
  const { rows, more } = await messagesBefore(table, conversation, { before: position?.stop, limit });
  return {
    messages: rows.toReversed(),
    more,
    before: more ? undefined : 0,
    after: position?.seq === undefined ? undefined : { seq: position.seq, created_at: position.stop },
  };
}

/** What is left of a page for a user who has cleared the conversation up to a time: nothing older follows what they cleared. */
function visible<P extends { messages: Message[]; finalGaps: number[]; more: boolean }>(
  page: P,
  cleared: Timestamp | undefined,
): P {
  if (cleared === undefined) return page;
  const messages = page.messages.filter(({ created_at }) => created_at > cleared);
  const isShortened = messages.length < page.messages.length;
  const finalGaps = page.finalGaps.filter((gap) => messages.some(({ seq }) => seq === gap));
  return { ...page, messages, finalGaps, more: page.more && !isShortened };
}

/** Reads from the message at `after` itself, so that a gap right behind it is seen. */
async function newerThan(table: Table, conversation: Uuid, after: Timestamp, limit: number): Promise<Read> {
  const { rows, more } = await messagesFrom(table, conversation, { from: after, limit: limit + 1 });
  const known = rows[0]?.created_at === after ? rows[0] : undefined;
  const newer = known ? rows.slice(1) : rows;
  return { messages: newer.slice(0, limit), more: more || newer.length > limit, before: known?.seq };
}

/** Reads until there is no gap that may still be filled, or until the deadline. */
async function readWithoutGaps({ table, now }: Deps, deadline: number, read: () => Promise<Read>) {
  for (let attempt = 1; ; attempt++) {
    const { more, ...list } = await read();
    const { shown, isWhole, finalGaps } = withoutGaps(list, now());
    if (isWhole || !(await mayRetry(table, attempt, deadline))) return { messages: shown, isWhole, finalGaps, more };
  }
}
