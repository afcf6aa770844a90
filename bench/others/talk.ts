import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { newMemory } from '../../core/deps.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Handle, User } from '../../core/model/user.ts';
import { systemRuntime, timeOf } from '../../core/table/runtime.ts';
import type { Design, Invocation, Sent } from './design.ts';

/** A design as it is measured: ours also with an Idempotency-Key in each request. */
export interface Variant {
  name: string;
  design: Design;
  withKey: boolean;
}

/** The conversation of two users. */
export interface Talk {
  users: [User, User];
  /** Sends one message; the first one starts the conversation. */
  send: () => Promise<Sent & { text: string }>;
}

/** A function that is warm: it keeps what it remembers. */
export const warmFunction = (client: DynamoDBDocumentClient): Invocation => ({
  client,
  now: () => timeOf(systemRuntime),
  newId: () => randomUUID() as string as Uuid,
  memory: newMemory(systemRuntime),
});

let messages = 0;

/** Two new users, who have no conversation yet. */
export async function newTalk({ design, withKey }: Variant, on: Invocation): Promise<Talk> {
  const users: Talk['users'] = [newUser(), newUser()];
  await design.addUsers(on.client, users);
  const [from, to] = users;
  let conversation: string | undefined;
  return {
    users,
    send: async () => {
      const text = `Message ${++messages}`.padEnd(60, '.');
      const request = { from, to, text, key: withKey ? randomUUID() : undefined };
      const sent = await (conversation ? design.send(on, request, conversation) : design.start(on, request));
      conversation = sent.conversation;
      return { ...sent, text };
    },
  };
}

function newUser(): User {
  const user_uuid = randomUUID() as string as Uuid;
  const handle = `u${user_uuid.replaceAll('-', '').slice(0, 11)}` as Handle;
  return { user_uuid, handle, display_name: 'Ada North' };
}
