import { randomUUID } from 'node:crypto';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { createUser } from '../../core/create-user.ts';
import { newDeps } from '../../core/deps.ts';
import { getMessageGroup } from '../../core/get-message-group.ts';
import { listMessageGroups } from '../../core/list-message-groups.ts';
import type { Message } from '../../core/model/message.ts';
import type { User } from '../../core/model/user.ts';
import { sendMessage } from '../../core/send-message.ts';
import type { Table } from '../../core/table/client.ts';
import { lambdaContext } from '../../test/support/events.ts';
import { unlimited } from '../../test/support/limits.ts';
import { messageRecord } from '../../test/support/stream-record.ts';
import { setFunctionEnvironment, silently } from '../functions/environment.ts';

/** The size of a batch of the stream: `batchSize` in serverless.yml. */
export const batchSize = 100;

const text = 'Low tide is at six. Bring both cups, and the lantern, please';

/** A conversation whose participants write in turn. */
export interface Talk {
  send: () => Promise<Message>;
  /** @throws when an inbox does not show the newest message */
  check: () => Promise<void>;
}

/** The projector's function as it is deployed, and conversations to project. */
export async function projectorWorld(table: Table, endpoint: string) {
  setFunctionEnvironment(table, endpoint);
  const { handler } = await import('../../handlers/stream/project-inbox.ts');
  const invoke = handler as unknown as (event: object, context: object) => Promise<DynamoDBBatchResponse>;
  const deps = newDeps(table, { retryBudget: 30_000, limits: unlimited });
  const user = () =>
    createUser(deps, {
      handle: `p${randomUUID().slice(0, 8)}`,
      display_name: 'Ada North',
      cognito_user_id: randomUUID(),
      email: 'ada@example.com',
    });

  return {
    /** Starts a conversation. */
    talk: async (): Promise<Talk> => {
      const [ada, bob]: [User, User] = [await user(), await user()];
      let last = await sendMessage(deps, ada, { message: text, handle: bob.handle });
      const { message_group_uuid } = last;
      let sent = 0;
      return {
        send: async () => {
          last = await sendMessage(deps, sent++ % 2 ? ada : bob, { message: text, message_group_uuid });
          return last;
        },
        check: async () => {
          const { row } = await getMessageGroup(deps, ada, { message_group_uuid });
          const { rows } = await listMessageGroups(deps, ada, {});
          if (rows.length !== 1 || rows[0]?.last_message_at !== row.last_message_at)
            throw new Error('an inbox does not show the newest message');
        },
      };
    },
    /** Calls the function with one batch. @throws when it reports a failure */
    project: async (Records: DynamoDBRecord[]): Promise<void> => {
      const { batchItemFailures } = await silently(() => invoke({ Records }, lambdaContext('projectInbox')));
      if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} records were not projected`);
    },
  };
}

export type ProjectorWorld = Awaited<ReturnType<typeof projectorWorld>>;

/** Sends messages in all conversations at the same time, in each one after the other. @returns their stream records, in this order */
export async function sendAll(talks: Talk[], count: number): Promise<DynamoDBRecord[]> {
  const records: DynamoDBRecord[] = [];
  const each = async (talk: Talk) => {
    for (let n = 0; n < count / talks.length; n++) records.push(messageRecord(await talk.send()));
  };
  await Promise.all(talks.map(each));
  return records;
}

/** Divides records into batches. */
export function* batches(records: DynamoDBRecord[]): Generator<DynamoDBRecord[]> {
  for (let start = 0; start < records.length; start += batchSize) yield records.slice(start, start + batchSize);
}
