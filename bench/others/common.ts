import { type DynamoDBDocumentClient, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { User } from '../../core/model/user.ts';
import type { Design, Invocation, Place, Request, Sent } from './design.ts';
import { createTable, type IndexToCreate, type KeyNames } from './tables.ts';

// The common serverless design: messages in one table, and in a second one a row per user and conversation, with an index by last
// activity. One transaction writes the message and both rows, so there is nothing to do afterwards. Messages are not numbered, and nothing
// counts the unread ones.
//
// Of the usual variants this is the one that does best here: the id of a conversation follows from its two users, and the sort key of a
// message ends in its own id.

const messageKey: KeyNames = ['conversation_id', 'sort'];
const conversationKey: KeyNames = ['user_id', 'conversation_id'];
const index: IndexToCreate = { name: 'by-activity', key: ['user_id', 'last_message_at'] };

export async function createCommon(place: Place): Promise<Design> {
  const messages = await createTable(place, messageKey);
  const conversations = await createTable(place, conversationKey, index);
  const send = async (on: Invocation, request: Request): Promise<Sent> => {
    const { from, to, text } = request;
    const conversation_id = [from.user_uuid, to.user_uuid].sort().join('_');
    const created_at = on.now();
    const message_id = on.newId();
    const row = (owner: User, other: User) => ({
      Update: {
        TableName: conversations,
        Key: { user_id: owner.user_uuid, conversation_id },
        UpdateExpression:
          'SET last_message_at = :at, last_message = :text, other_id = :id, other_handle = :handle, other_name = :name',
        ExpressionAttributeValues: {
          ':at': created_at,
          ':text': text,
          ':id': other.user_uuid,
          ':handle': other.handle,
          ':name': other.display_name,
        },
      },
    });
    const Item = {
      conversation_id,
      sort: `${created_at}#${message_id}`,
      message_id,
      message: text,
      sender_id: from.user_uuid,
      sender_handle: from.handle,
      sender_name: from.display_name,
    };
    const ConditionExpression = 'attribute_not_exists(conversation_id)';
    await on.client.send(
      new TransactWriteCommand({
        TransactItems: [{ Put: { TableName: messages, Item, ConditionExpression } }, row(from, to), row(to, from)],
      }),
    );
    return { conversation: conversation_id, created_at };
  };

  return {
    name: 'common design',
    layouts: {
      [messages]: { key: messageKey, indexes: [] },
      [conversations]: { key: conversationKey, indexes: [index] },
    },
    addUsers: async () => {}, // nothing looks them up
    start: send,
    send,
    projector: undefined,
    markRead: undefined,
    inbox: async (client, { user_uuid }) =>
      (await newest(client, { TableName: conversations, IndexName: index.name }, 'user_id', user_uuid)).map((row) => ({
        conversation: row.conversation_id,
        other: row.other_id,
        text: row.last_message,
        unread: undefined,
      })),
    messages: async (client, _, conversation) =>
      (await newest(client, { TableName: messages }, 'conversation_id', conversation))
        .reverse()
        .map((item) => ({ from: item.sender_id, text: item.message })),
  };
}

async function newest(
  client: DynamoDBDocumentClient,
  from: { TableName: string; IndexName?: string },
  partition: string,
  value: string,
) {
  const { Items = [] } = await client.send(
    new QueryCommand({
      ...from,
      KeyConditionExpression: `${partition} = :value`,
      ExpressionAttributeValues: { ':value': value },
      ScanIndexForward: false,
      Limit: 100,
    }),
  );
  return Items;
}
