import { type ImportBatch, type ImportedConversation, importBatches } from '../admin/import/import-batches.ts';
import { uuid } from '../core/model/id.ts';
import { inboxRows } from '../core/model/inbox.ts';
import type { Message } from '../core/model/message.ts';
import { parse } from '../core/model/parse.ts';
import { fromMicros, type Timestamp, toMicros } from '../core/model/time.ts';
import { type RegisteredUser, registeredUserSchema } from '../core/model/user.ts';
import { headItem, type Item, inboxRowItem, messageItem, pairItem, userItems } from '../core/table/items.ts';
import { systemRuntime, timeOf } from '../core/table/runtime.ts';
import { lines } from './conversation.ts';
import { seedUsers } from './users.ts';

const toUuid = (text: string) => parse(uuid('message_group_uuid_invalid'), text);

/** The conversation of grahams and reef. */
export const seedConversationUuid = toUuid('5ae290ed-55d1-47a0-bc6d-fe2bc2700399');
const minute = 60_000_000; // microseconds

/**
 * How long before the loading the newest message was sent, so that a first look is of today. In microseconds: long enough for a clock
 * that is ahead of the others.
 */
export const newestMessageAge = 3 * minute;

/** How many of reef's last messages grahams has not read. */
const unreadByGrahams = 2;

/** The users of a new local table. */
export const registeredSeedUsers = (): RegisteredUser[] => seedUsers.map((user) => parse(registeredUserSchema, user));

/** The conversation of two seed users: one message per minute. @param loadedAt the time of the loading */
export function seedConversation(loadedAt: Timestamp = timeOf(systemRuntime)): ImportedConversation {
  const newestAt = toMicros(loadedAt) - newestMessageAge;
  const [grahams, reef] = registeredSeedUsers().map(({ user_uuid, handle, display_name }) => ({
    user_uuid,
    handle,
    display_name,
  })) as [RegisteredUser, RegisteredUser];
  return {
    message_group_uuid: seedConversationUuid,
    participants: [grahams, reef],
    messages: lines.map(([handle, message], index) => ({
      by: handle === 'grahams' ? 0 : 1,
      message_uuid: toUuid(`00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`),
      message,
      at: fromMicros(newestAt - (lines.length - 1 - index) * minute),
    })),
    unread: [0, unreadByGrahams],
  };
}

/**
 * @returns all seeds as stored items. The core's own functions build them, so that they cannot differ from what the
 * service writes.
 * @param loadedAt the time of the loading
 */
export function seedItems(loadedAt?: Timestamp): Item[] {
  const [{ head, participants, messages }] = [
    ...importBatches(seedConversation(loadedAt), Number.POSITIVE_INFINITY),
  ] as [ImportBatch];
  const newest = messages.at(-1) as Message;
  const ids = head.participants.map(({ user_uuid }) => user_uuid) as [
    RegisteredUser['user_uuid'],
    RegisteredUser['user_uuid'],
  ];
  return [
    ...registeredSeedUsers().flatMap(userItems),
    pairItem(...ids, { message_group_uuid: seedConversationUuid }),
    headItem(head),
    ...messages.map(messageItem),
    ...inboxRows(head, newest, participants).map(({ user_uuid, row }) =>
      inboxRowItem(user_uuid, row, newest.created_at),
    ),
  ];
}
