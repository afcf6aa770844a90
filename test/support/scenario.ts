import { randomUUID } from 'node:crypto';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { blockUser } from '../../core/block-user.ts';
import { clearMessageGroup } from '../../core/clear-message-group.ts';
import { createReport } from '../../core/create-report.ts';
import { deleteMessage } from '../../core/delete-message.ts';
import { type Deps, newDeps } from '../../core/deps.ts';
import { editMessage } from '../../core/edit-message.ts';
import { findUser } from '../../core/find-user.ts';
import { listMessageGroups } from '../../core/list-message-groups.ts';
import { listMessages } from '../../core/list-messages.ts';
import { markRead } from '../../core/mark-read.ts';
import { markUnread } from '../../core/mark-unread.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { InboxRow } from '../../core/model/inbox.ts';
import type { Message } from '../../core/model/message.ts';
import { parse } from '../../core/model/parse.ts';
import type { ReportReason } from '../../core/model/report.ts';
import { fromMicros, type Timestamp, toMicros } from '../../core/model/time.ts';
import { registeredUserSchema, type User } from '../../core/model/user.ts';
import { muteMessageGroup } from '../../core/mute-message-group.ts';
import { projectInbox } from '../../core/project-inbox.ts';
import { sendMessage } from '../../core/send-message.ts';
import type { Table } from '../../core/table/client.ts';
import { userItems, userKey } from '../../core/table/items.ts';
import { unblockUser } from '../../core/unblock-user.ts';
import { unlimited } from './limits.ts';
import { load } from './table.ts';

let users = 0;

/** Given / when / then in the product's own words, on one table. */
export function scenario(table: Table, replaced: Partial<Deps> = {}) {
  // A long retry budget: how busy the machine is must not decide a race. Tests of the budget set their own.
  const deps = newDeps(table, { retryBudget: 30_000, limits: unlimited, ...replaced });
  return {
    deps,
    given: {
      /** A new user. */
      user: async (handle = `p${++users}`): Promise<User> => {
        const user = parse(registeredUserSchema, {
          user_uuid: randomUUID(),
          handle,
          display_name: `Display of ${handle}`,
          cognito_user_id: randomUUID(),
          email: `${handle}@example.com`,
        });
        await load(table, userItems(user));
        return findUser(deps, handle);
      },
      /** A user who has switched read receipts off. No process that remembers the user knows it. */
      withoutReceipts: async ({ user_uuid }: User): Promise<void> => {
        await table.client.send(
          new UpdateCommand({
            TableName: table.name,
            Key: userKey(user_uuid),
            UpdateExpression: 'SET read_receipts = :off',
            ExpressionAttributeValues: { ':off': false },
          }),
        );
      },
    },
    when: {
      sends: (from: User, to: User, message: string, key?: string): Promise<Message> =>
        sendMessage(deps, from, { message, handle: to.handle }, key),
      sendsIn: (from: User, message_group_uuid: Uuid, message: string, key?: string): Promise<Message> =>
        sendMessage(deps, from, { message, message_group_uuid }, key),
      reads: (me: User, message: Pick<Message, 'message_group_uuid' | 'created_at'>): Promise<void> =>
        markRead(deps, me, { message_group_uuid: message.message_group_uuid, created_at: message.created_at }),
      edits: (
        me: User,
        { message_group_uuid, created_at }: Pick<Message, 'message_group_uuid' | 'created_at'>,
        message: string,
      ): Promise<Message> => editMessage(deps, me, { message_group_uuid, created_at, message }),
      deletes: (
        me: User,
        { message_group_uuid, created_at }: Pick<Message, 'message_group_uuid' | 'created_at'>,
      ): Promise<void> => deleteMessage(deps, me, { message_group_uuid, created_at }),
      clears: (me: User, message: Pick<Message, 'message_group_uuid' | 'created_at'>): Promise<void> =>
        clearMessageGroup(deps, me, { message_group_uuid: message.message_group_uuid, created_at: message.created_at }),
      mutes: (me: User, message_group_uuid: Uuid): Promise<void> => muteMessageGroup(deps, me, { message_group_uuid }),
      marksUnread: (me: User, message_group_uuid: Uuid): Promise<void> => markUnread(deps, me, { message_group_uuid }),
      blocks: (me: User, { user_uuid }: User): Promise<void> => blockUser(deps, me, { user_uuid }),
      unblocks: (me: User, { user_uuid }: User): Promise<void> => unblockUser(deps, me, { user_uuid }),
      reports: (
        me: User,
        message_group_uuid: Uuid,
        more: { created_at?: Timestamp; reason?: ReportReason; note?: string } = {},
      ): Promise<Uuid> => createReport(deps, me, { message_group_uuid, reason: 'spam', ...more }),
      projected: (conversation: Uuid, sentAt?: Timestamp): Promise<boolean> =>
        projectInbox(deps, conversation, { sentAt }),
    },
    // biome-ignore lint/suspicious/noThenProperty: given, when, then; it is no function, so `await` ignores it
    then: {
      inbox: async (me: User): Promise<InboxRow[]> => (await listMessageGroups(deps, me, { limit: 100 })).rows,
      /** All messages of the conversation, oldest first, read page by page. */
      conversation: async (me: User, message_group_uuid: Uuid): Promise<Message[]> => {
        const messages: Message[] = [];
        let cursor: string | undefined;
        do {
          const page = await listMessages(deps, me, { message_group_uuid, limit: 100, cursor });
          messages.unshift(...page.messages);
          cursor = page.next && 'cursor' in page.next ? page.next.cursor : undefined;
        } while (cursor !== undefined);
        return messages;
      },
    },
  };
}

export type Scenario = ReturnType<typeof scenario>;

/** A clock that stands still until the test sets or moves it. */
export function clockAt(start: string) {
  let now = start as Timestamp;
  return {
    now: () => now,
    set: (time: string) => {
      now = time as Timestamp;
    },
    move: (micros: number) => {
      now = fromMicros(toMicros(now) + micros);
    },
  };
}
