import { type Deps, newDeps } from '../../core/deps.ts';
import { listMessageGroups } from '../../core/list-message-groups.ts';
import { listMessages } from '../../core/list-messages.ts';
import { markRead } from '../../core/mark-read.ts';
import type { Message } from '../../core/model/message.ts';
import { sendMessage } from '../../core/send-message.ts';
import { userItems } from '../../core/table/items.ts';
import { systemRuntime } from '../../core/table/runtime.ts';
import { conversationOfMessage } from '../../core/table/stream-record.ts';
import { loadProjector } from '../../test/faults/projector.ts';
import { unlimited } from '../../test/support/limits.ts';
import { source } from '../../test/support/stream-layer.ts';
import { load, newTable } from '../../test/support/table.ts';
import type { Design, Invocation, Place, Sent } from './design.ts';

const sent = ({ message_group_uuid, created_at }: Message): Sent => ({ conversation: message_group_uuid, created_at });

/** This service. */
export async function createOurs({ endpoint, withStream }: Place): Promise<Design> {
  const [{ name }, project] = await Promise.all([newTable(endpoint, { withStream }), loadProjector()]);
  const depsOf = ({ client, ...rest }: Pick<Invocation, 'client'> & Partial<Deps>) =>
    newDeps({ client, name, runtime: systemRuntime }, { limits: unlimited, ...rest });
  return {
    name: 'ours',
    layouts: {},
    addUsers: (client, users) =>
      load(
        { client, name, runtime: systemRuntime },
        users.flatMap((user) =>
          userItems({ ...user, cognito_user_id: user.user_uuid, email: `${user.handle}@example.com` }),
        ),
      ),
    start: async (on, { from, to, text, key }) =>
      sent(await sendMessage(depsOf(on), from, { message: text, handle: to.handle }, key)),
    send: async (on, { from, text, key }, conversation) =>
      sent(await sendMessage(depsOf(on), from, { message: text, message_group_uuid: conversation }, key)),
    projector: {
      table: name,
      wants: source.wants,
      handle: async (on, batch) => {
        const { batchItemFailures } = await project(depsOf(on), batch);
        if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} records failed`);
      },
      calls: (batch) => new Set(batch.map(conversationOfMessage)).size * 4, // head, newest message, users, transaction
    },
    markRead: (on, me, { conversation, created_at }) =>
      markRead(depsOf(on), me, { message_group_uuid: conversation, created_at }),
    inbox: async (client, me) => {
      const { rows } = await listMessageGroups(depsOf({ client }), me, { limit: 100 });
      return rows.map((row) => ({
        conversation: row.message_group_uuid,
        other: row.other.user_uuid,
        text: row.message,
        unread: row.unread_count,
      }));
    },
    messages: async (client, me, conversation) => {
      const page = await listMessages(depsOf({ client }), me, { message_group_uuid: conversation, limit: 100 });
      return page.messages.map(({ sender, message }) => ({ from: sender.user_uuid, text: message }));
    },
  };
}
